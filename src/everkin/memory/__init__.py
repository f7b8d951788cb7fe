"""Memory: recall, facts, relationships and summaries of what users tell a character, and their erasure."""
