"""Word lists, written as one reads them."""


def listed(words: str) -> frozenset[str]:
    return frozenset(words.split())
