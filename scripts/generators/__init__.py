"""What `scripts/generate.py` writes, one file an output; each is a pure function from our types to text."""
