"""Readers of the public data sets that benchmarks and training use. The data itself is never part of the project."""
