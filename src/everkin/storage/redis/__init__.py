"""State shared by several nodes in Redis. Redis is optional: each part continues without it."""
