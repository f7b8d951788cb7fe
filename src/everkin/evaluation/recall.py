"""Recall evaluation: how often recall finds the messages that answer a question, in one long shipped chat, and its
times.

The ranker was trained on chats of the same scenes with the shipped embedder, so the figures only compare embedders with
each other and with words alone. benchmarks/recall.py measures recall on unrelated chats.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from statistics import mean, median
from typing import Any

from everkin.domain.ids import CharacterId, Millis, UserId
from everkin.domain.memory import Embedded, Memory, MemoryKind, Pair
from everkin.memory.ports import Embedder
from everkin.memory.recall.in_memory import InMemorySources
from everkin.memory.recall.query import RecallRequest
from everkin.memory.recall.recaller import Recaller
from everkin.memory.recall.vectors import DTYPE

PAIR = Pair(CharacterId("chr_trial"), UserId("usr_trial"))
LIMITS = (1, 5, 10)
"""Numbers of results for which the recall is computed."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question about the chat."""

    asked: RecallRequest
    """The recall request."""
    answers: frozenset[str]
    """Ids of the messages that answer it."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A chat with questions about it."""

    memories: tuple[Memory, ...]
    """The chat's messages, oldest first."""
    questions: tuple[Question, ...]
    """The questions."""


def sample() -> Sample:
    """Return the shipped sample.

    The first row of the file holds the names and the time of the questions; further rows hold sessions with their
    lines, or questions with the numbers of the answering lines.
    """
    rows = files("everkin.evaluation").joinpath("recall.jsonl").read_text("utf-8").splitlines()
    head, *rest = map(json.loads, rows)
    memories: list[Memory] = []
    for row in rest:
        if "lines" in row:
            memories += _sitting(row, head["names"], len(memories))
    return Sample(tuple(memories), tuple(_question(row, head) for row in rest if "ask" in row))


async def measure(chat: Sample, embedder: Embedder | None) -> dict[str, float]:
    """Return the figures by name; times in milliseconds.

    `recall_at_N` is the mean share of a question's answering messages among the first N results. With `embedder` None
    recall uses words only. Raises Unavailable when the embedder fails.
    """
    registry = InMemorySources()
    began = time.perf_counter()
    registry.put(PAIR, chat.memories, await _embedded(chat.memories, embedder))
    indexed = (time.perf_counter() - began) * 1000 / len(chat.memories)
    recaller = Recaller(registry, embedder)
    await recaller.ready(PAIR)
    times, shares = [], []
    for question in chat.questions:
        began = time.perf_counter()
        recalled = await recaller.recall(PAIR, question.asked)
        times.append((time.perf_counter() - began) * 1000)
        shares.append(_shares([each.memory.id for each in recalled], question.answers))
    figures = {f"recall_at_{limit}": mean(row[place] for row in shares) for place, limit in enumerate(LIMITS)}
    return figures | {
        "recall_ms_median": median(times),
        "index_ms_per_message": indexed,
        "went_by_words": recaller.failures["embedder"],
        "questions": len(chat.questions),
        "messages": len(chat.memories),
    }


def _shares(recalled: Sequence[str], answers: frozenset[str]) -> list[float]:
    return [len(answers & set(recalled[:limit])) / len(answers) for limit in LIMITS]


async def _embedded(memories: Sequence[Memory], embedder: Embedder | None) -> list[Embedded]:
    if embedder is None:
        return []
    rows = await embedder.embed([memory.text for memory in memories])
    return [Embedded(m.id, embedder.name, row.astype(DTYPE).tobytes()) for m, row in zip(memories, rows, strict=True)]


def _sitting(row: dict[str, Any], names: Sequence[str], before: int) -> list[Memory]:
    found = []
    for seq, line in enumerate(row["lines"], before + 1):
        speaker, _, text = line.partition(": ")
        at = Millis(_moment(row["at"]) + seq)
        found.append(Memory(f"m{seq}", MemoryKind.MESSAGE, "c", seq, row["at"], at, text, speaker, speaker == names[1]))
    return found


def _question(row: dict[str, Any], head: dict[str, Any]) -> Question:
    first, second = head["names"]
    user_name = row.get("user_name", first)
    other = second if user_name == first else first
    asked = RecallRequest(
        row["ask"], _moment(head["now"]), frozenset(), user_name, other, window=row.get("before", ()), limit=max(LIMITS)
    )
    return Question(asked, frozenset(f"m{seq}" for seq in row["answers"]))


def _moment(written: str) -> Millis:
    since = datetime.fromisoformat(written).replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return Millis(since // timedelta(milliseconds=1))
