"""Turns: a user message is stored, queued, answered by a model, and the reply is stored."""
