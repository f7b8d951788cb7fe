"""White space made plain, so that whatever reads a text afterwards meets single blanks only."""

ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u180e"
_BLANKS = dict.fromkeys(map(ord, ZERO_WIDTH), " ")


def collapsed(text: str) -> str:
    """Each run of white space of any kind, zero-width characters among it, as one blank; as one newline where it holds a
    newline or a carriage return. None at the beginning and the end. Linear in the length of the text."""
    lines = text.translate(_BLANKS).replace("\r", "\n").split("\n")
    return "\n".join(filter(None, (" ".join(line.split()) for line in lines)))
