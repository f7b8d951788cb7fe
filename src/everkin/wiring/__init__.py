"""Builds, opens and closes every part."""
