"""The language model on this machine: llama.cpp's own server in a process of its own, called like any other
endpoint."""
