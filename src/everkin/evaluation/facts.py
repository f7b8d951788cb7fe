"""Fact evaluation: precision and recall of the facts extracted from labelled dialogues."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from everkin.domain.ids import CharacterId, UserId
from everkin.domain.memory import Fact
from everkin.evaluation.labelled import Dialogue, judged
from everkin.memory.extraction.english.rules import Found
from everkin.memory.extraction.findings import as_finding
from everkin.memory.facts.fold import fold

CHARACTER, USER = CharacterId("chr_trial"), UserId("usr_trial")

Extract = Callable[[Dialogue], Sequence[Found]]
"""Extracts the findings of a dialogue."""


def facts_of(found: Sequence[Found]) -> tuple[Fact, ...]:
    """Return the facts that the findings amount to."""
    findings = [as_finding(one, f"fnd_{place:05}", USER, witnesses=(CHARACTER,)) for place, one in enumerate(found)]
    return fold(findings, CHARACTER, USER)


def score(
    dialogues: Sequence[Dialogue], extract: Extract, explain: Callable[[str], None] | None = None
) -> dict[str, float]:
    """Return the figures by name: shares from 0 to 1, and four counts at the end.

    `explain` is called with a description of the wrong and missed facts of each dialogue.
    """
    total: Counter[str] = Counter()
    for dialogue in dialogues:
        counts, remarks = judged(dialogue, facts_of(extract(dialogue)))
        total.update(counts)
        if explain and remarks:
            explain(f"{dialogue.id}: " + "\n      ".join(remarks))
    return {name: _share(total, *parts) for name, parts in _SHARES.items()} | {
        "facts_told": total["told"],
        "facts_wanted": total["wanted"],
        "update_questions": total["currents"] + total["befores"],
        "dialogues": len(dialogues),
    }


_SHARES = {
    "fact_precision": ("right", "told"),
    "fact_recall": ("found", "wanted"),
    "realm_contamination": ("contaminated", "told"),
    "current_right": ("current", "currents"),
    "before_right": ("before", "befores"),
    "current_wrong_of_answered": ("current_wrong", "current_answered"),
    "wrongly_retired": ("retired", "living"),
}


def _share(total: Mapping[str, int], part: str, whole: str) -> float:
    return total[part] / total[whole] if total[whole] else 0.0
