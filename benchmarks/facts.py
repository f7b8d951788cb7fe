"""What is learnt from labelled dialogues: facts right and found, worlds kept apart, what is so now and what was before.

    python -m benchmarks.facts [--quick] [--json FILE] [--explain] [--model qwen2.5-1.5b [--sample N] [--seconds S] [--half tuning]]

Dialogues are in benchmarks/data/facts-heldout.jsonl (kept apart: nothing was tuned on it) and facts-tuning.jsonl; the format and
what counts as found is in src/everkin/evaluation/labelled.py. Without --model by rules alone. --model asks a local model as well, served in
a process of its own; its weights come by `everkin models pull`. --explain lists what was wrong or missed in the tuning half.
"""

import argparse
import asyncio
import dataclasses
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence

from benchmarks import harness
from benchmarks.data.labelled_facts import dialogues
from benchmarks.harness import Figures, Options, at_least, at_most
from everkin.domain.character import Character, Persona
from everkin.domain.ids import CharacterId, Millis
from everkin.evaluation.facts import score
from everkin.evaluation.labelled import Dialogue
from everkin.kit.clock import SystemClock
from everkin.llm.providers.http import new_session
from everkin.llm.registry.registry import ModelRegistry, RegistryConfig
from everkin.memory.extraction.english.rules import Found, find
from everkin.memory.extraction.llm import extract_with
from everkin.settings import load_settings

NAME = "facts"
TARGETS = {
    "fact_precision": at_least(0.8),
    "fact_recall": at_least(0.8),
    "realm_contamination": at_most(0.01),
    "current_right": at_least(0.97),
    "before_right": at_least(0.95),
    "wrongly_retired": at_most(0.02),
}
Extract = Callable[[Dialogue], Sequence[Found]]


def measure(options: Options) -> Figures:
    figures = _half("heldout", by_rules, options)
    figures |= {f"tuning_{key}": value for key, value in _half("tuning", by_rules, options).items()}
    return figures


def by_rules(dialogue: Dialogue) -> Sequence[Found]:
    return find(dialogue.lines)


def _half(name: str, extract: Extract, options: Options) -> Figures:
    half = dialogues(name)
    explain = print if options.explain and name == "tuning" else None
    return score(half, extract, explain)


MODEL_SAMPLE = 40
MODEL_SECONDS = 900.0
"""After so long no further dialogue is begun; those that were read are scored."""


def with_model(name: str, sample: int, part: str, seconds: float) -> Callable[[Options], Figures]:
    """`sample` dialogues of one half, spread evenly over it; the rules alone on the same ones beside it."""

    def measure_it(options: Options) -> Figures:
        half = dialogues(part)
        step = max(1, len(half) // sample)
        some = half[::step][:sample]
        found, dropped, took = asyncio.run(_asked(name, some, seconds))
        some = [dialogue for dialogue in some if dialogue.id in found]
        figures = score(
            some, lambda dialogue: found[dialogue.id], print if options.explain and part == "tuning" else None
        )
        figures |= {f"rules_{key}": value for key, value in score(some, by_rules).items() if key in TARGETS}
        figures |= {f"dropped_{why}": count for why, count in dropped.items()}
        return figures | {"seconds_a_dialogue": took / len(some)}

    return measure_it


async def _asked(
    name: str, some: Sequence[Dialogue], seconds: float
) -> tuple[dict[str, Sequence[Found]], Counter[str], float]:
    found: dict[str, Sequence[Found]] = {}
    dropped: Counter[str] = Counter()
    settings = dataclasses.replace(load_settings(model=name))
    config = RegistryConfig.of(dataclasses.asdict(settings.model), settings.storage.data)
    async with new_session() as session, ModelRegistry(config, session, SystemClock()) as registry:
        model = registry.model_for(
            Character(CharacterId("bench"), "bench", None, 1, Persona("Bench"), Millis(0), Millis(0))
        )
        await registry.loaded()
        began = time.monotonic()
        for dialogue in some:
            if time.monotonic() - began > seconds:
                break
            extraction = await extract_with(model, dialogue.lines)
            found[dialogue.id] = extraction.found
            dropped.update(extraction.dropped)
        if dropped["failed"] >= len(found):
            print(f"{name} answered nothing. Is it here? everkin models pull {name}", file=sys.stderr)
            raise SystemExit(2)
        return found, dropped, time.monotonic() - began


def _own_options(arguments: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--model", default="")
    parser.add_argument("--sample", type=int, default=MODEL_SAMPLE)
    parser.add_argument("--seconds", type=float, default=MODEL_SECONDS)
    parser.add_argument("--half", default="heldout", choices=("heldout", "tuning"))
    return parser.parse_known_args(list(arguments))


if __name__ == "__main__":
    own, rest = _own_options(sys.argv[1:])
    harness.main(
        NAME, TARGETS, with_model(own.model, own.sample, own.half, own.seconds) if own.model else measure, rest
    )
