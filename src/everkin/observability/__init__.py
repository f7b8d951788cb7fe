"""Health, usage and metrics."""
