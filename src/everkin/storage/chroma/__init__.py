"""Chroma as a vector index. It holds no data of its own and is rebuilt from the database when lost."""
