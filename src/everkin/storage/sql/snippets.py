"""What a hit shows: the words that were looked for, in what stands around them."""

from collections.abc import Sequence
from dataclasses import dataclass

from everkin.storage.sql.words import Word, words_in, words_of

BEFORE = 40
LONGEST = 200
"""Characters of a snippet, and of what stands in it before the first word found."""

CUT = "…"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Folded words; of `beginning` a part is enough."""

    whole: tuple[str, ...]
    beginning: str

    @classmethod
    def of(cls, text: str) -> "Wanted | None":
        """None where nothing can be looked for."""
        words = words_of(text)
        return cls(tuple(dict.fromkeys(words[:-1])), words[-1]) if words else None

    def meets(self, word: str) -> bool:
        return word in self.whole or word.startswith(self.beginning)

    def all_in(self, words: Sequence[str]) -> bool:
        there = set(words)
        return there.issuperset(self.whole) and any(word.startswith(self.beginning) for word in there)


def snippet(text: str, wanted: Wanted) -> tuple[str, tuple[tuple[int, int], ...], float]:
    """With where the words stand in it, and which part of all words they are."""
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
    """At the beginning of a word, where there is one near."""
    if first.start <= BEFORE:
        return 0
    near = (word.start for word in words if first.start - BEFORE <= word.start <= first.start)
    return next(near, first.start)
