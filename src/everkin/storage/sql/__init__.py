"""The SQL storage: one SQLAlchemy Core implementation for SQLite and PostgreSQL."""
