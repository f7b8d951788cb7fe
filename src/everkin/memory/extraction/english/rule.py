"""What a rule makes before it is known whose, when and of what realm. Pure."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from everkin.domain.ids import Millis
from everkin.memory.extraction.english.clauses import tidy


@dataclass(frozen=True, slots=True)
class Draft:
    """`ended` overrules what the text says of itself; `slot` and `value` too, where given."""

    text: str
    confidence: float = 0.85
    importance: float = 0.5
    ended: bool | None = None
    slot: str | None = None
    value: str | None = None


@dataclass(slots=True)
class Other:
    """Whom "she", "he", "they" means: the one last spoken of."""

    kin: str = ""
    name: str = ""

    @property
    def called(self) -> str:
        return f"their {self.kin} {self.name}".strip()


@dataclass(slots=True)
class Talk:
    """What the rules keep in mind through one message: when it is said, whom a pronoun means, the last job, home or partner."""

    at: Millis
    other: Other
    subject: str = "I"


Make = Callable[[re.Match[str], Talk], Iterable[Draft]]
Rule = tuple[re.Pattern[str], Make]


def rule(pattern: str, made: str | Make, confidence: float = 0.85, importance: float = 0.5, flags: int = re.I) -> Rule:
    """`made` as a template: {1} is the first group, tidied; a template whose first group tidies to nothing makes nothing."""
    compiled = re.compile(pattern, flags)
    if callable(made):
        return compiled, made
    return compiled, _templated(made, confidence, importance)


def _templated(template: str, confidence: float, importance: float) -> Make:
    def make(found: re.Match[str], talk: Talk) -> Iterable[Draft]:
        groups = ["", *(tidy(group or "") for group in found.groups())]
        if "{1}" in template and not good(groups[1]):
            return
        yield Draft(" ".join(template.format(*groups).split()), confidence, importance)

    return make


_EMPTY = re.compile(
    r"^(?:it|that|this|them|him|her|you|there|here|one|some|so|to|the|a|an|things?|stuff|something|anything|nothing|nobody|everything|"
    r"what|how|up|out|not|people|someone|everyone|lots?|all|both|same|(?:it|that|this|you|how|what|when|him|them|her)\b.*|"
    r"your?\b.*|(?:the )?(?:idea|way|fact|sound|thought|look|weather)\b.*)$",
    re.I,
)


def good(phrase: str) -> bool:
    return bool(phrase) and len(phrase) <= 90 and not _EMPTY.match(phrase) and len(phrase.split()) <= 12


def first(rules: Sequence[Rule], clause: str, talk: Talk) -> list[Draft]:
    """Of the first rule that fits and has something to say."""
    for pattern, make in rules:
        if (found := pattern.match(clause)) and (made := list(make(found, talk))):
            return made
    return []
