"""The available language models, the one that answers, and the clients that call them."""
