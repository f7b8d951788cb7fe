"""Recent messages of conversations, kept in memory and shared between nodes."""
