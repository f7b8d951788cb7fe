"""What several nodes would share, for one process: the twin of storage/redis."""
