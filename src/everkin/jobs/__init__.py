"""Background jobs: fact extraction, summaries, indexing, repairs and retention, run after the replies."""
