"""Adapters for providers: the OpenAI-compatible protocol, presets of known providers, and a scripted model."""
