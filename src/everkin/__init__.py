"""Everkin: a self-hosted home for AI companions. The map of the house is docs/map.md."""

__version__ = "0.1.0"
