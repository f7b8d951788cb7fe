"""The story: one user message, one reply."""
