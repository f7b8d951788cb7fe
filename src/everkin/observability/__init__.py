"""Watch: is every part well (health), and later metrics and traces."""
