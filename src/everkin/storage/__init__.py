"""Storage: databases, caches and indexes. Depends only on domain, kit and its drivers."""
