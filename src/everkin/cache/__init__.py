"""The cache: its port, read-through caches above it, and the entities that are cached."""
