"""What `everkin doctor` finds out about one part."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    part: str
    """What was checked, in a word or two."""
    state: Literal["ok", "warning", "problem"]
    """`problem`: something does not work, or is open that should not be. `warning`: it works, but look at it."""
    sentence: str
    """What was found, and how to mend it."""


def ok(part: str, sentence: str) -> Finding:
    return Finding(part, "ok", sentence)


def warning(part: str, sentence: str) -> Finding:
    return Finding(part, "warning", sentence)


def problem(part: str, sentence: str) -> Finding:
    return Finding(part, "problem", sentence)


def has_problem(findings: Sequence[Finding]) -> bool:
    return any(finding.state == "problem" for finding in findings)
