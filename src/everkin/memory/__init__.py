"""What the character remembers."""
