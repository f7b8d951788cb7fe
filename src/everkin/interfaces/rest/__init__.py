"""REST under /api/v1: one module per resource with thin handlers; request bodies are in bodies.py and
character_bodies.py, responses in the *_views.py modules."""
