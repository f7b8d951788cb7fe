"""Small labelled samples that ship, and how well they are done with one's own model and embedder: `everkin eval`."""
