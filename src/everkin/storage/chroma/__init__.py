"""Chroma as an index of vectors: beside the record, and rebuilt from it whenever it is lost."""
