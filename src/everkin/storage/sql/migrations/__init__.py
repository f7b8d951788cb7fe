"""Alembic scripts. Each file is one version in plain operations: a migration must not depend on tables.py, which
changes.
"""
