"""Normalises white space, and checks texts that must stay on one line."""

import unicodedata

ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u180e"
_BLANKS = dict.fromkeys(map(ord, ZERO_WIDTH), " ")


def collapsed(text: str) -> str:
    """Replace each run of white space, zero-width characters included, by one blank, or by one newline if it contains a
    newline or carriage return.

    Strips both ends. Linear in the length of the text.
    """
    lines = text.translate(_BLANKS).replace("\r", "\n").split("\n")
    return "\n".join(filter(None, (" ".join(line.split()) for line in lines)))


_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that change the direction of all text after them (Unicode UAX 9), in any text a name is inserted into."""
_ENDING = frozenset(("Cc", "Cs", "Zl", "Zp"))
"""Unicode categories of controls (line ends among them), surrogates, and line and paragraph separators."""


def is_blank(text: str) -> bool:
    """Return True when the text shows no visible character: only white space and zero-width characters."""
    return not text.translate(_BLANKS).strip()


def is_one_line(text: str) -> bool:
    """Return True when the text has no line ends, other controls or characters that change the direction."""
    return not any(char in _TURNING or unicodedata.category(char) in _ENDING for char in text)
