"""Facts: folding findings into facts, storing them, and their retention."""
