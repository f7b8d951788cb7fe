"""LoCoMo (Maharana et al., 2024): ten long conversations, questions, and the turns that answer them.

Its licence (CC BY-NC 4.0) lets it be measured with, and no more: the folder lies outside the project. A picture somebody shares
is told by the caption that comes with it, as the data set's own evaluation does. Times of a sitting are taken as UTC.
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from everkin.domain.ids import Millis
from everkin.domain.memory import Memory, MemoryKind

CATEGORIES = {1: "several places", 2: "time", 3: "inference", 4: "one place"}
"""5 asks what nobody ever said: there is no evidence to find."""

_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Asking:
    text: str
    evidence: frozenset[str]
    category: int
    faulty: bool
    """Named in errors.json as spoiling a score."""


@dataclass(frozen=True, slots=True)
class Talk:
    number: int
    names: tuple[str, str]
    memories: tuple[Memory, ...]
    questions: tuple[Asking, ...]
    now: Millis


def read(folder: Path, captions: bool = True) -> list[Talk]:
    """FileNotFoundError when locomo10.json is not there; errors.json may be missing."""
    talks = json.loads((folder / "locomo10.json").read_text("utf-8"))
    errors = folder / "errors.json"
    listed = json.loads(errors.read_text("utf-8")) if errors.exists() else []
    faulty = {each["question_id"] for each in listed if each["error_type"] in _SPOILS}
    return [_talk(number, talk, faulty, captions) for number, talk in enumerate(talks)]


_SPOILS = frozenset(
    ("WRONG_CITATION", "HALLUCINATION", "TEMPORAL_ERROR", "ATTRIBUTION_ERROR", "INCOMPLETE", "AMBIGUOUS")
)


def _talk(number: int, talk: dict[str, Any], faulty: set[str], captions: bool) -> Talk:
    said = talk["conversation"]
    names = (said["speaker_a"], said["speaker_b"])
    memories: list[Memory] = []
    sittings = sorted(int(key[8:]) for key in said if re.fullmatch(r"session_\d+", key))
    for sitting in sittings:
        day = datetime.strptime(said[f"session_{sitting}_date_time"], "%I:%M %p on %d %B, %Y").replace(tzinfo=UTC)
        for turn in said[f"session_{sitting}"]:
            seq = len(memories) + 1
            at = Millis(int(day.timestamp() * 1000) + seq)
            text = _text(turn, captions)
            memories.append(
                Memory(
                    turn["dia_id"],
                    MemoryKind.MESSAGE,
                    f"locomo-{number}",
                    seq,
                    f"s{sitting}",
                    at,
                    text,
                    turn["speaker"],
                )
            )
    known = {memory.id for memory in memories}
    questions = [_asking(qa, f"locomo_{number}_qa{place}", faulty, known) for place, qa in enumerate(talk["qa"])]
    asked = tuple(each for each in questions if each.category in CATEGORIES and each.evidence)
    return Talk(number, names, tuple(memories), asked, Millis(memories[-1].at + _DAY_MS))


def _text(turn: dict[str, Any], captions: bool) -> str:
    caption = turn.get("blip_caption", "")
    return f"{turn['text']} [shares {caption}]".strip() if captions and caption else turn["text"]


def _asking(qa: dict[str, Any], name: str, faulty: set[str], known: set[str]) -> Asking:
    """Several turns are sometimes written as one, "D1:3; D2:4" or "D:1:3"."""
    written = " ".join(qa["evidence"]).replace("D:", "D").replace(";", " ")
    evidence = frozenset(each for each in re.sub(r":0+(\d)", r":\1", written).split() if each in known)
    return Asking(qa["question"], evidence, qa["category"], name in faulty)
