"""Summaries, titles and topics of conversations."""
