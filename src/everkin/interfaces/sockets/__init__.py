"""Socket.IO: the real-time door."""
