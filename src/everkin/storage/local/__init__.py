"""The counterpart of storage/redis for a single process."""
