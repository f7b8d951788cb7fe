"""The record: one SQLAlchemy Core code for SQLite and PostgreSQL."""
