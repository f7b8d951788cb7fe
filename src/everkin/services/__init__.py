"""The services that interfaces call."""
