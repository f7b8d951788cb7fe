"""Alembic's scripts. One version a file, each as plain operations: a migration must not follow tables.py as it grows."""
