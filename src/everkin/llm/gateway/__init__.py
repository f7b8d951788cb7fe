"""The gateway: one wrapper per policy around every call of a language model."""
