"""What several nodes share while Redis is there. Redis is never needed: each part goes on without it."""
