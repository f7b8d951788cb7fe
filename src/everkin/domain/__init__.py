"""Ground: frozen data and the words for it. Standard library only; everything may import it, it imports nothing."""
