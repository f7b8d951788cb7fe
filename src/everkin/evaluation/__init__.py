"""Evaluation (`everkin eval`): measures fact extraction and recall on shipped labelled samples, with the configured
model and embedder."""
