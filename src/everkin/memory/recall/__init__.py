"""Recall: the memories that matter to a message, by candidates from words and vectors, features, ranking and
selection.
"""
