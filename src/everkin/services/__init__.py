"""The services an interface may call."""
