"""Recall: candidates by words and vectors, features, ranking and selection."""
