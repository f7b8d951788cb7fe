"""Prompt tokens: what a model is shown against the whole history, over LoCoMo's long conversations replayed turn by turn.

The first speaker is the person, the second the character (a starter's persona, so that the head is as long as a real
one). Each message of the person is a turn; what the character answered is taken from the conversation. Tokens are
counted by the product's own estimate on both sides.

token_reduction       1 - ours / whole history with the same head, summed over all turns
median_prompt_tokens  of all turns
prefix_reuse          share of the prompts' bytes equal to the beginning of the prompt before, over each conversation's
                      first 100 turns; the first turn of a conversation has nothing before it and is left out
evidence_in_prompt    the person asks LoCoMo's questions (categories 1 to 4) after the last turn: mean share of the lines
                      that answer which the prompt holds, in its window or among its memories
evidence_vs_recall    that, over what benchmarks/recall.py calls recall_at_10, measured here on the same questions
bare_...              the same without memories
noted_...             with memories and all other notes: a profile, a summary that changes as the window steps, a mood and
                      relationship numbers

Each turn recalls what the product would, out of all that was said before it and is not in its window, RECALL_LIMIT at most.
"""

import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import mean, median

import numpy as np

from benchmarks import harness
from benchmarks.data.locomo import Asking, Talk, read
from everkin.characters import load_starters
from everkin.context.assemble import assemble, shown_anyway
from everkin.context.budget import MESSAGE_OVERHEAD, Budget
from everkin.context.notes import plain
from everkin.context.scene import Bond, Scene, Speech
from everkin.domain.character import Persona
from everkin.domain.ids import CharacterId, Millis, UserId
from everkin.domain.memory import Embedded, Memory, Pair, Recollection
from everkin.domain.prompt import Prompt, SamplingParams
from everkin.llm.tokens import estimate
from everkin.memory.embedders.minilm import MiniLm
from everkin.memory.facts.wording import told
from everkin.memory.recall import ranker
from everkin.memory.recall.in_memory import InMemorySources
from everkin.memory.recall.query import RecallRequest
from everkin.memory.recall.recaller import Recaller
from everkin.memory.recall.vectors import DTYPE
from everkin.settings import ChatSettings, MemorySettings
from scripts.train_recall import embedder, recall_at, table_of, weighed

NAME = "tokens"
TARGETS = {
    "token_reduction": harness.at_least(0.5),
    "median_prompt_tokens": harness.at_most(2000),
    "prefix_reuse": harness.at_least(0.85),
    "evidence_vs_recall": harness.at_least(1.0),
}

DATA = harness.ROOT.parent / "shared" / "data" / "locomo"
PREFIX_TURNS = 100
PAIR = Pair(CharacterId("character"), UserId("person"))

CHAT = ChatSettings()
LIMIT = MemorySettings().recall_limit
BUDGET = Budget(CHAT.max_context_tokens, CHAT.max_history_messages)
HEARD = BUDGET.messages + CHAT.max_waiting_turns
"""Messages a turn has at hand, as wiring keeps them."""


@dataclass(slots=True)
class Tally:
    tokens: list[int] = field(default_factory=list)
    whole: int = 0
    shared_bytes: int = 0
    following_bytes: int = 0
    seconds: float = 0.0

    def figures(self, prefix: str = "") -> harness.Figures:
        return {
            f"{prefix}token_reduction": 1 - sum(self.tokens) / self.whole,
            f"{prefix}median_prompt_tokens": median(self.tokens),
            f"{prefix}prefix_reuse": self.shared_bytes / self.following_bytes,
            f"{prefix}prompt_tokens_p95": harness.percentile(self.tokens, 0.95),
            f"{prefix}assemble_us": self.seconds / len(self.tokens) * 1e6,
        }


@dataclass(slots=True)
class Evidence:
    """Shares of each question's lines. `memories`: how many were told with each turn."""

    in_prompt: list[float] = field(default_factory=list)
    recalled: list[float] = field(default_factory=list)
    memories: list[int] = field(default_factory=list)

    def figures(self) -> harness.Figures:
        return {
            "evidence_in_prompt": mean(self.in_prompt),
            "recall_at_10": mean(self.recalled),
            "evidence_vs_recall": mean(self.in_prompt) / mean(self.recalled),
            "memories_a_turn": mean(self.memories),
            "questions": len(self.in_prompt),
        }


def measure(options: harness.Options) -> harness.Figures:
    talks = read_talks(options.data or DATA)
    return asyncio.run(_measure(talks[:1] if options.quick else talks))


async def _measure(talks: Sequence[Talk]) -> harness.Figures:
    persona, model = load_starters()[0][1], MiniLm(remembered=0)
    tallies = {"": Tally(), "bare_": Tally(), "noted_": Tally()}
    evidence = Evidence()
    for talk in talks:
        vectors = await model.embed([memory.text for memory in talk.memories])
        past = Past(talk, vectors, model)
        await replay(past, persona, tallies, evidence)
        for asking in talk.questions:
            evidence.in_prompt.append(await _share_shown(past, persona, asking))
        evidence.recalled += _recalled_alone(talk)
    await model.close()
    figures: harness.Figures = {"turns": len(tallies[""].tokens)}
    for prefix, tally in tallies.items():
        figures |= tally.figures(prefix)
    return figures | evidence.figures()


class Past:
    """A conversation as far as it has come, and what it recalls."""

    def __init__(self, talk: Talk, vectors: "np.ndarray[tuple[int, int], np.dtype[np.float32]]", model: MiniLm) -> None:
        self.talk = talk
        self.lines = tuple(
            Speech(each.seq, each.speaker == talk.names[1], each.speaker, each.text) for each in talk.memories
        )
        self._embedded = [
            Embedded(each.id, model.name, row.astype(DTYPE).tobytes())
            for each, row in zip(talk.memories, vectors, strict=True)
        ]
        self._registry = InMemorySources()
        self._recaller = Recaller(self._registry, model)

    def say(self, place: int) -> None:
        self._registry.put(PAIR, [self.talk.memories[place]], [self._embedded[place]])

    async def recall(self, scene: Scene, now: Millis) -> list[Recollection]:
        """As turn/inputs.py asks."""
        shown = shown_anyway(scene, BUDGET, estimate)
        asked = RecallRequest(
            scene.current.text,
            now,
            frozenset(),
            *self.talk.names,
            window=[line.text for line in scene.window],
            window_ids=[self.talk.memories[line.seq - 1].id for line in scene.window],
            shown=frozenset(self.talk.memories[seq - 1].id for seq in shown),
            limit=LIMIT,
        )
        return await self._recaller.recall(PAIR, asked)


async def replay(past: Past, persona: Persona, tallies: dict[str, Tally], evidence: Evidence) -> None:
    before: dict[str, bytes] = {}
    history = turn = 0
    for place, line in enumerate(past.lines):
        if not line.own:
            scene = Scene(persona, past.talk.names[0], past.lines[max(0, place - HEARD) : place], line)
            recalled = await past.recall(scene, past.talk.memories[place].at)
            evidence.memories.append(len(recalled))
            remembering = replace(scene, memories=tuple(told(each.memory) for each in recalled))
            for kind, each in (("bare_", scene), ("", remembering), ("noted_", with_notes(remembering, turn))):
                before[kind] = count(each, tallies[kind], before.get(kind), turn, history)
            turn += 1
        past.say(place)
        history += estimate(line.text) + MESSAGE_OVERHEAD


def count(scene: Scene, tally: Tally, previous: bytes | None, turn: int, history: int) -> bytes:
    """`history`: tokens of everything that was said before."""
    began = time.process_time()
    prompt = assemble(scene, BUDGET, estimate, SamplingParams())
    tally.seconds += time.process_time() - began
    tally.tokens.append(prompt.tokens)
    tally.whole += fixed_tokens(prompt) + history + estimate(scene.current.text) + MESSAGE_OVERHEAD
    written = as_template(prompt)
    if previous is not None and turn < PREFIX_TURNS:
        tally.shared_bytes += common_prefix(previous, written)
        tally.following_bytes += len(written)
    return written


def fixed_tokens(prompt: Prompt) -> int:
    """The head and what follows the history: the whole history would be sent with the same."""
    return sum(estimate(each.content) + MESSAGE_OVERHEAD for each in prompt.messages if each.role == "system")


def with_notes(scene: Scene, turn: int) -> Scene:
    """The other notes, of a likely size."""
    start = max(0, scene.current.seq - BUDGET.messages) // BUDGET.step
    return replace(
        scene,
        profile=f"{scene.person}; has been here for {turn // 10 * 10 + 10} evenings. " + "Likes tea and the sea. " * 6,
        summary=f"Up to evening {start} they spoke of many things. " + "Then of the boat and the garden again. " * 20,
        bond=Bond(min(100, turn // 3), 40, 10, turn),
        mood=("happy", "sad, strongly", "neutral")[turn % 3],
    )


async def _share_shown(past: Past, persona: Persona, asking: Asking) -> float:
    line = Speech(len(past.lines) + 1, False, past.talk.names[0], asking.text)
    scene = Scene(persona, past.talk.names[0], past.lines[-HEARD:], line)
    recalled = await past.recall(scene, past.talk.now)
    scene = replace(scene, memories=tuple(told(each.memory) for each in recalled))
    prompt = assemble(scene, BUDGET, estimate, SamplingParams())
    return len(asking.evidence & set(_shown(prompt, recalled, past.talk.memories[-HEARD:]))) / len(asking.evidence)


def _shown(prompt: Prompt, recalled: Sequence[Recollection], heard: Sequence[Memory]) -> Iterator[str]:
    """Ids of what the prompt holds, whole."""
    written = "\n".join(each.content for each in prompt.messages)
    yield from (each.memory.id for each in recalled if f'"{plain(told(each.memory))}"' in written)
    yield from (each.id for each in heard if each.text in written)


def _recalled_alone(talk: Talk) -> list[float]:
    """recall_at_10 as benchmarks/recall.py has it: of all lines, none of them in a window."""
    embed = embedder()
    table, weights = table_of(talk, embed), ranker.shipped().with_meaning  # type: ignore[arg-type]
    return [
        recall_at(
            [weighed(table, RecallRequest(each.text, talk.now, frozenset(), *talk.names), each.evidence, embed)],
            weights,
            10,
        )
        for each in talk.questions
    ]


def as_template(prompt: Prompt) -> bytes:
    """As a chat template writes it down, so that a prefix of bytes is a prefix of tokens."""
    return "".join(f"<|{each.role}|>\n{each.content}\n" for each in prompt.messages).encode()


def common_prefix(one: bytes, other: bytes) -> int:
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[:middle] == other[:middle] else (low, middle - 1)
    return low


def read_talks(folder: Path) -> list[Talk]:
    try:
        return read(folder)
    except FileNotFoundError:
        print(
            f"This benchmark replays the LoCoMo conversations, and there is no locomo10.json in {folder}.\n"
            "Put it there, or say where it is: python -m benchmarks.tokens --data DIR",
            file=sys.stderr,
        )
        raise SystemExit(2) from None


if __name__ == "__main__":
    harness.main(NAME, TARGETS, measure)
