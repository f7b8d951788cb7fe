"""The current model and the reason for it, as sentences for the terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from everkin.llm.registry.entries import ModelPlan

_REASONS = {
    "setting": "a setting names it (EVERKIN_MODEL, MODEL_*, or --model)",
    "chosen": "it was chosen",
    "default": "nobody has chosen another",
}


def spoken_by_server(answer: Mapping[str, Any]) -> list[str]:
    """Return the sentences for a running server. `answer`: the response of GET models."""
    name, condition, note = answer["current"]["name"], answer["condition"], answer["note"]
    how = condition + (f" ({note})" if note else "")
    lines = [f"The running Everkin speaks with {name}: {_REASONS[answer['reason']]}. It is {how}."]
    return lines + _others(name, answer["answering"], answer["long"], answer["uncensored"], answer["fallbacks"])


def would_speak(plan: ModelPlan) -> list[str]:
    """Return the sentences for when no server runs."""
    current = plan.current
    lines = [f"No Everkin runs here. {current.name} would speak: {_REASONS[plan.reason]}."]
    if current.state != "ready":
        lines.append(f"It cannot yet: {current.note}")
    answering = plan.answering("ready" if current.state == "ready" else "down")
    return lines + _others(current.name, answering, plan.long, plan.uncensored, plan.fallbacks)


def _others(name: str, answering: str, long: str, uncensored: str, fallbacks: Sequence[str]) -> list[str]:
    lines = []
    if answering != name:
        lines.append(
            f"Until it can, {answering} answers (MODEL_FALLBACKS)." if answering else "Nobody stands in for it."
        )
    elif fallbacks:
        lines.append(f"If it fails: {', '.join(fallbacks)} (MODEL_FALLBACKS).")
    if long:
        lines.append(f"Long messages and long conversations: {long} (MODEL_LONG).")
    if uncensored:
        lines.append(f"Sexual messages, where they are allowed: {uncensored} (MODEL_UNCENSORED).")
    return lines
