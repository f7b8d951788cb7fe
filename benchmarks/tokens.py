"""Prompt tokens: what a model is shown against the whole history, over LoCoMo's long conversations replayed turn by turn.

The first speaker is the person, the second the character (a starter's persona, so that the head is as long as a real
one). Each message of the person is a turn; what the character answered is taken from the conversation. Tokens are
counted by the product's own estimate on both sides.

token_reduction       1 - ours / whole history with the same head, summed over all turns
median_prompt_tokens  of all turns
prefix_reuse          share of the prompts' bytes equal to the beginning of the prompt before, over each conversation's
                      first 100 turns; the first turn of a conversation has nothing before it and is left out
noted_...             the same when every turn also brings a profile, a summary that changes as the window steps, eight
                      memories, a mood and relationship numbers
"""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import harness
from everkin.characters import load_starters
from everkin.context.assemble import assemble
from everkin.context.budget import MESSAGE_OVERHEAD, Budget
from everkin.context.scene import Bond, Scene, Speech
from everkin.domain.character import Persona
from everkin.domain.prompt import Draw, Prompt
from everkin.model.tokens import estimate
from everkin.settings import ChatSettings

NAME = "tokens"
TARGETS = {
    "token_reduction": harness.at_least(0.5),
    "median_prompt_tokens": harness.at_most(2000),
    "prefix_reuse": harness.at_least(0.85),
}

DATA = harness.ROOT.parent / "shared" / "data" / "locomo"
FILE = "locomo10.json"
PREFIX_TURNS = 100
MEMORIES = 8

CHAT = ChatSettings()
BUDGET = Budget(CHAT.max_context_tokens, CHAT.max_history_messages)
HEARD = BUDGET.messages + CHAT.max_waiting_turns
"""Messages a turn has at hand, as wiring keeps them."""


@dataclass(frozen=True, slots=True)
class Chat:
    person: str
    lines: tuple[Speech, ...]
    summaries: tuple[tuple[int, str], ...]
    """(seq of the last message it covers, text), one a session."""


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


def measure(options: harness.Options) -> harness.Figures:
    folder = options.data or DATA
    chats = read_chats(folder / FILE)
    persona = load_starters()[0][1]
    bare, noted = Tally(), Tally()
    for chat in chats[:4] if options.quick else chats:
        replay(chat, persona, bare, noted=False)
        replay(chat, persona, noted, noted=True)
    options.notes.append("Whether the needed evidence is in the prompt is not measured: there is no recall yet.")
    return {**bare.figures(), "turns": len(bare.tokens), **noted.figures("noted_")}


def replay(chat: Chat, persona: Persona, tally: Tally, *, noted: bool) -> None:
    previous: bytes | None = None
    history = 0
    turn = 0
    for place, line in enumerate(chat.lines):
        if not line.own:
            scene = Scene(persona, chat.person, chat.lines[max(0, place - HEARD) : place], line)
            scene = with_notes(scene, chat, turn) if noted else scene
            began = time.process_time()
            prompt = assemble(scene, BUDGET, estimate, Draw())
            tally.seconds += time.process_time() - began
            tally.tokens.append(prompt.tokens)
            tally.whole += fixed_tokens(prompt) + history + estimate(line.text) + MESSAGE_OVERHEAD
            told = as_template(prompt)
            if previous is not None and turn < PREFIX_TURNS:
                tally.shared_bytes += common_prefix(previous, told)
                tally.following_bytes += len(told)
            previous = told
            turn += 1
        history += estimate(line.text) + MESSAGE_OVERHEAD


def fixed_tokens(prompt: Prompt) -> int:
    """The head and what follows the history: the whole history would be sent with the same."""
    return sum(estimate(each.content) + MESSAGE_OVERHEAD for each in prompt.messages if each.role == "system")


def with_notes(scene: Scene, chat: Chat, turn: int) -> Scene:
    """Notes of a likely size. Memories are lines of long ago; a good half of them is recalled again the turn after."""
    seq = scene.current.seq
    start = max(0, seq - BUDGET.messages) // BUDGET.step * BUDGET.step
    past = chat.lines[: max(0, seq - HEARD)]
    recalled = [past[(turn * 3 + 7 * index) % len(past)].text for index in range(MEMORIES)] if past else []
    summary = next((text for covered, text in reversed(chat.summaries) if covered <= start), "")
    return Scene(
        scene.persona,
        scene.person,
        scene.window,
        scene.current,
        profile=f"{scene.person}; has been here for {turn // 10 * 10 + 10} evenings. " + "Likes tea and the sea. " * 6,
        summary=summary,
        memories=tuple(recalled),
        bond=Bond(min(100, turn // 3), 40, 10, turn),
        mood=("happy", "sad, strongly", "neutral")[turn % 3],
    )


def as_template(prompt: Prompt) -> bytes:
    """As a chat template writes it down, so that a prefix of bytes is a prefix of tokens."""
    return "".join(f"<|{each.role}|>\n{each.content}\n" for each in prompt.messages).encode()


def common_prefix(one: bytes, other: bytes) -> int:
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[:middle] == other[:middle] else (low, middle - 1)
    return low


def read_chats(file: Path) -> list[Chat]:
    if not file.is_file():
        print(
            f"This benchmark replays the LoCoMo conversations, and there is no {file}.\n"
            f"Put {FILE} there, or say where it is: python -m benchmarks.tokens --data DIR",
            file=sys.stderr,
        )
        raise SystemExit(2)
    return [_chat(each) for each in json.loads(file.read_text("utf-8"))]


def _chat(document: dict[str, Any]) -> Chat:
    talk, summaries = document["conversation"], document.get("session_summary", {})
    person, character = talk["speaker_a"], talk["speaker_b"]
    lines: list[Speech] = []
    ends: list[tuple[int, str]] = []
    for session, said in _sessions(talk):
        lines += [
            Speech(seq, line["speaker"] == character, line["speaker"], line["text"])
            for seq, line in enumerate(said, len(lines) + 1)
        ]
        ends.append((len(lines), str(summaries.get(f"session_{session}_summary", ""))))
    return Chat(person, tuple(lines), tuple(ends))


def _sessions(talk: dict[str, Any]) -> Iterator[tuple[int, Sequence[dict[str, str]]]]:
    number = 1
    while f"session_{number}" in talk:
        yield number, talk[f"session_{number}"]
        number += 1


if __name__ == "__main__":
    harness.main(NAME, TARGETS, measure)
