"""Extraction of facts from messages, by rules for a language or by a language model."""
