"""Table of the models' context windows, prices and abilities. Pure.

Prices are list prices in US dollars per million tokens, checked in November 2026 against published lists: OpenAI's as
quoted by price guides of 2026 and GitHub's table of model prices (which also has the newer Claude models), Groq's by
its models page, Gemini's by its pricing page, Venice's by the pages of its models. Rows marked `unchecked` keep earlier
values. Lower rates (cached input, off-peak, batches) and higher ones (long prompts) are not taken into account. Prices
change, so costs are estimates; MODEL_PRICE_IN and MODEL_PRICE_OUT set the chosen model's.

A name is looked up as it is, then by the longest beginning in the table, first whole and then without its family
(`meta-llama/llama-3.3…` as `llama-3.3…`). A name without a row has the profile UNKNOWN: 8192 tokens, no price.
"""

import functools
from dataclasses import dataclass, field

# Common sets of abilities.
TEXT: frozenset[str] = frozenset()
TOOLS = frozenset({"tools"})
ABLE = frozenset({"tools", "json", "vision"})
THINKS = ABLE | {"reasoning"}
OPEN = frozenset({"tools", "json"})
FREE_SPOKEN = frozenset({"uncensored"})


@dataclass(frozen=True, slots=True)
class Profile:
    """Context window, prices and abilities of a model."""

    context: int
    """Tokens."""
    price_in: float = 0.0
    """US dollars per million prompt tokens."""
    price_out: float = 0.0
    """US dollars per million generated tokens."""
    abilities: frozenset[str] = field(default=TEXT)
    """Any of "tools", "json", "vision", "reasoning", "uncensored"."""
    known: bool = True
    """False for defaults of a model that is not in the table."""

    def cost(self, tokens_in: int, tokens_out: int) -> float:
        """Return the cost of a call in US dollars."""
        return (tokens_in * self.price_in + tokens_out * self.price_out) / 1e6


UNKNOWN = Profile(8192, known=False)
LOCAL = Profile(8192)
"""A model on this machine has no price. Its context is set by LOCAL_MODEL_CONTEXT."""

PROFILES: dict[str, Profile] = {
    "gpt-5": Profile(400_000, 1.25, 10.0, THINKS),
    "gpt-5-mini": Profile(400_000, 0.25, 2.0, THINKS),
    "gpt-5-nano": Profile(400_000, 0.05, 0.4, THINKS),
    "gpt-5.2": Profile(400_000, 1.75, 14.0, THINKS),
    "gpt-5.4": Profile(272_000, 2.5, 15.0, THINKS),
    "gpt-5.4-mini": Profile(272_000, 0.75, 4.5, THINKS),
    "gpt-5.4-nano": Profile(272_000, 0.2, 1.25, THINKS),
    "gpt-5.5": Profile(272_000, 5.0, 30.0, THINKS),
    "gpt-5.6-luna": Profile(200_000, 0.2, 1.2, THINKS),
    "gpt-5.6-terra": Profile(272_000, 2.0, 12.0, THINKS),
    "gpt-5.6-sol": Profile(272_000, 5.0, 30.0, THINKS),
    "gpt-4.1": Profile(1_047_576, 2.0, 8.0, ABLE),
    "gpt-4.1-mini": Profile(1_047_576, 0.4, 1.6, ABLE),
    "gpt-4.1-nano": Profile(1_047_576, 0.1, 0.4, ABLE),
    "gpt-4o": Profile(128_000, 2.5, 10.0, ABLE),
    "gpt-4o-mini": Profile(128_000, 0.15, 0.6, ABLE),
    "o3": Profile(200_000, 2.0, 8.0, THINKS),
    "o4-mini": Profile(200_000, 1.1, 4.4, THINKS),
    "gpt-oss-120b": Profile(131_072, 0.15, 0.6, OPEN | {"reasoning"}),
    "gpt-oss-20b": Profile(131_072, 0.075, 0.3, OPEN | {"reasoning"}),
    "claude-3-5-haiku": Profile(200_000, 0.8, 4.0, ABLE),  # unchecked
    "claude-3.5-haiku": Profile(200_000, 0.8, 4.0, ABLE),  # unchecked
    "claude-haiku-4": Profile(200_000, 1.0, 5.0, ABLE),
    "claude-sonnet-4": Profile(200_000, 3.0, 15.0, THINKS),
    "claude-sonnet-5": Profile(200_000, 2.0, 10.0, THINKS),
    "claude-opus-4": Profile(200_000, 15.0, 75.0, THINKS),  # unchecked
    **{f"claude-opus-4{dot}{minor}": Profile(200_000, 5.0, 25.0, THINKS) for dot in "-." for minor in (5, 6, 7, 8)},
    "claude-opus-5": Profile(200_000, 5.0, 25.0, THINKS),
    "gemini-2.5-pro": Profile(1_048_576, 1.25, 10.0, THINKS),
    "gemini-2.5-flash": Profile(1_048_576, 0.3, 2.5, THINKS),
    "gemini-2.0-flash": Profile(1_048_576, 0.1, 0.4, ABLE),  # unchecked; withdrawn
    "deepseek-flash": Profile(64_000, 0.15, 0.6, OPEN),
    "deepseek-v4-pro": Profile(64_000, 0.66, 1.98, OPEN | {"reasoning"}),
    "deepseek-chat": Profile(64_000, 0.27, 1.1, OPEN),
    "deepseek-r1": Profile(64_000, 0.55, 2.19, OPEN | {"reasoning"}),
    "llama-3.3-70b-versatile": Profile(131_072, 0.59, 0.79, OPEN),
    "llama-3.3-70b-instruct": Profile(131_072, 0.13, 0.39, OPEN),  # unchecked; differs by host
    "llama-3.3-70b": Profile(65_536, 0.7, 2.8, OPEN),  # unchecked
    "llama-3.1-8b-instant": Profile(131_072, 0.05, 0.08, OPEN),
    "venice-uncensored": Profile(32_768, 0.5, 2.0, FREE_SPOKEN),  # unchecked
    "venice-uncensored-1-2": Profile(128_000, 0.2, 0.9, FREE_SPOKEN),
    "mistral-small": Profile(128_000, 0.1, 0.3, ABLE),  # unchecked
    "mistral-large": Profile(128_000, 2.0, 6.0, ABLE),  # unchecked; differs by version
    "mistral-nemo": Profile(128_000, 0.15, 0.15, OPEN),  # unchecked
    "SmolLM2": LOCAL,
    "Qwen2.5 1.5B": LOCAL,
    "Qwen2.5 0.5B": LOCAL,
    "scripted": Profile(1_000_000),
}


def own_price(price_in: float, price_out: float) -> Profile | None:
    """Return the profile by MODEL_PRICE_IN and MODEL_PRICE_OUT; None unless both are 0 or more."""
    return Profile(UNKNOWN.context, price_in, price_out) if min(price_in, price_out) >= 0 else None


@functools.lru_cache(maxsize=256)
def profile_of(model: str) -> Profile:
    """Return the profile of a model by its provider's name; UNKNOWN if no row matches."""
    for name in (model, model.rpartition("/")[2]):
        if found := _longest(name):
            return found
    return UNKNOWN


def _longest(name: str) -> Profile | None:
    """Return the row with the longest name that this name equals or begins with."""
    rows = [row for row in PROFILES if name.startswith(row)]
    return PROFILES[max(rows, key=len)] if rows else None
