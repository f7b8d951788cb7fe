"""REST under /api/v1: one file a resource, thin handlers; requests in bodies.py, answers in ../views.py and shapes.py."""
