"""Trust: accounts and tokens, later also the vault, moderation, export and erasure."""
