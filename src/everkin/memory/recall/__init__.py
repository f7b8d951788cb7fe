"""Recall of memories relevant to a message: candidates by words and vectors, features, ranking, selection."""
