"""The gateway: one ChatModel in front of every language model."""
