"""Adapters: one file a provider."""
