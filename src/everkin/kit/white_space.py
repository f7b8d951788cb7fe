"""White space made plain, so that whatever reads a text afterwards meets single blanks only; and what shows as one line."""

import unicodedata

ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u180e"
_BLANKS = dict.fromkeys(map(ord, ZERO_WIDTH), " ")


def collapsed(text: str) -> str:
    """Each run of white space of any kind, zero-width characters among it, as one blank; as one newline where it holds a
    newline or a carriage return. None at the beginning and the end. Linear in the length of the text."""
    lines = text.translate(_BLANKS).replace("\r", "\n").split("\n")
    return "\n".join(filter(None, (" ".join(line.split()) for line in lines)))


_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They change the direction of all that is written behind them (Unicode UAX 9), in whatever text a name is put into."""
_ENDING = frozenset(("Cc", "Cs", "Zl", "Zp"))
"""Unicode's categories of controls (line ends among them), half characters, and its own ends of lines and paragraphs."""


def is_blank(text: str) -> bool:
    """Whether nothing of it can be seen: white space and zero-width characters only."""
    return not text.translate(_BLANKS).strip()


def is_one_line(text: str) -> bool:
    """Whether it stays on its line and within itself: no line ends, no other controls, nothing that turns the direction."""
    return not any(char in _TURNING or unicodedata.category(char) in _ENDING for char in text)
