"""The result of `everkin doctor` for one part."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    part: str
    """The checked part, in a word or two."""
    state: Literal["ok", "warning", "problem"]
    """`problem`: a part does not work, or is accessible although it should not be. `warning`: it works, but needs
    attention."""
    sentence: str
    """The result, and how to fix it."""


def ok(part: str, sentence: str) -> Finding:
    return Finding(part, "ok", sentence)


def warning(part: str, sentence: str) -> Finding:
    return Finding(part, "warning", sentence)


def problem(part: str, sentence: str) -> Finding:
    return Finding(part, "problem", sentence)


def has_problem(findings: Sequence[Finding]) -> bool:
    return any(finding.state == "problem" for finding in findings)
