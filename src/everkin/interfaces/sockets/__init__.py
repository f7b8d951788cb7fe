"""Socket.IO: the real-time interface."""
