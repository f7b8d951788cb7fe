"""Search snippets: the matched words with the text around them."""

from collections.abc import Sequence
from dataclasses import dataclass

from everkin.storage.sql.words import Word, words_in, words_of

BEFORE = 40
"""Characters of a snippet before the first matched word."""
LONGEST = 200
"""Characters of a snippet."""

CUT = "…"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The words of a search, folded."""

    whole: tuple[str, ...]
    """Words that must match as a whole."""
    beginning: str
    """The last word, for which a prefix match is enough."""

    @classmethod
    def of(cls, text: str) -> "Wanted | None":
        """Return the words of a search text, None if it has none."""
        words = words_of(text)
        return cls(tuple(dict.fromkeys(words[:-1])), words[-1]) if words else None

    def meets(self, word: str) -> bool:
        return word in self.whole or word.startswith(self.beginning)

    def all_in(self, words: Sequence[str]) -> bool:
        there = set(words)
        return there.issuperset(self.whole) and any(word.startswith(self.beginning) for word in there)


def snippet(text: str, wanted: Wanted) -> tuple[str, tuple[tuple[int, int], ...], float]:
    """Return the snippet, the positions of matched words in it, and the share of the message's words that matched."""
    words = list(words_in(text))
    found = [word for word in words if wanted.meets(word.folded)]
    if not found:
        return text[:LONGEST], (), 0.0
    start = _start(words, found[0])
    end = min(len(text), start + LONGEST)
    before, after = CUT if start else "", CUT if end < len(text) else ""
    shift = len(before) - start
    marks = tuple((word.start + shift, word.end + shift) for word in found if word.start >= start and word.end <= end)
    return f"{before}{text[start:end]}{after}", marks, len(found) / len(words)


def _start(words: Sequence[Word], first: Word) -> int:
    """Return the snippet's start, at the beginning of a word if there is one near."""
    if first.start <= BEFORE:
        return 0
    near = (word.start for word in words if first.start - BEFORE <= word.start <= first.start)
    return next(near, first.start)
