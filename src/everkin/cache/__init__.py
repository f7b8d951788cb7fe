"""The cache: its protocol, read-through caches above it, and the cached entities."""
