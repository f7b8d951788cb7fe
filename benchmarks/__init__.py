"""Measurements, one file a claim: `python -m benchmarks.NAME [--quick] [--json FILE]`. README.md here says how they are made."""
