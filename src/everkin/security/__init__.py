"""Security: accounts, tokens, passwords, receipts of erasure, and the help lines for users in danger."""
