"""Embedders: turn texts into unit vectors, in a local model or on a server."""
