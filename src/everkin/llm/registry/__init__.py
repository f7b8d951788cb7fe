"""The language models there are, which one answers, and the clients to call them."""
