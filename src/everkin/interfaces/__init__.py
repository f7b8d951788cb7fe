"""Interfaces (REST, Socket.IO, Python library, terminal): parse a request, authenticate the caller, call App, render.
They contain no SQL, prompts or provider calls."""
