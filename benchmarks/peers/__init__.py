"""What we compare ourselves with: other people's parts, put together as they usually are."""
