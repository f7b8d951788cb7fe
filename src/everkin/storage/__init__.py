"""Storage: rows and keys. Knows the ground and its driver, nothing else."""
