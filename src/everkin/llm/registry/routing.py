"""Which model answers, and why. Pure; the rules are configuration.

In this order, the first that applies and names a model:

1. `uncensored`: the message or the conversation is sexual (its level reaches `sexual_from`), the character's policy allows
   it, and the person is known to be an adult. Tenderness is not enough: "I love you" changes nothing, for anybody.
2. `preferred`: the character's own wish.
3. `long`: a message of more than `long_message` characters, or a conversation of more than `long_conversation` messages.
4. `fast`: everything else.
"""

from dataclasses import dataclass

from everkin.domain.character import NsfwPolicy


@dataclass(frozen=True, slots=True)
class Rules:
    """Names of models as the shelf knows them; empty: no rule of that kind."""

    fast: str = ""
    long: str = ""
    uncensored: str = ""
    long_message: int = 200
    long_conversation: int = 40
    sexual_from: int = 6


@dataclass(frozen=True, slots=True)
class Situation:
    characters: int = 0
    """Of the message, `messages` of the conversation so far, `nsfw` 0..10 of the message or the conversation, whichever
    is higher."""
    messages: int = 0
    nsfw: int = 0
    policy: NsfwPolicy = NsfwPolicy.BLOCK
    adult: bool = False
    """The age gate was passed; False when nobody knows."""
    preferred: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    model: str
    reason: str
    """Uncensored, preferred, long message, long conversation, fast. It is kept in the message's metadata."""


def route(rules: Rules, situation: Situation) -> Route:
    if rules.uncensored and _may_be_uncensored(rules, situation):
        return Route(rules.uncensored, "uncensored")
    if situation.preferred:
        return Route(situation.preferred, "preferred")
    if rules.long and situation.characters > rules.long_message:
        return Route(rules.long, "long message")
    if rules.long and situation.messages > rules.long_conversation:
        return Route(rules.long, "long conversation")
    return Route(rules.fast, "fast")


def _may_be_uncensored(rules: Rules, situation: Situation) -> bool:
    return situation.adult and situation.policy is NsfwPolicy.ALLOW and situation.nsfw >= rules.sexual_from
