"""Choice of the model that answers, with its reason. Pure; the rules are configuration.

The first of these rules that applies and names a model decides:

1. `uncensored`: the message or the conversation is sexual (its level reaches `sexual_from`), the character's policy
   allows it, and the user is known to be an adult. Tenderness is not enough: "I love you" does not change the
   choice for any user.
2. `preferred`: the character's preferred model.
3. `long`: a message of more than `long_message` characters, or a conversation of more than `long_conversation`
   messages.
4. `fast`: everything else.
"""

from dataclasses import dataclass

from everkin.domain.character import NsfwPolicy


@dataclass(frozen=True, slots=True)
class Rules:
    """The models of the rules by canonical name, with the thresholds; "": no rule of that kind."""

    fast: str = ""
    """Answers when no other rule applies."""
    long: str = ""
    """Answers long messages and conversations."""
    uncensored: str = ""
    """Answers sexual messages where allowed."""
    long_message: int = 200
    """Characters of text; a longer message counts as long."""
    long_conversation: int = 40
    """Messages; a conversation of more counts as long."""
    sexual_from: int = 6
    """NSFW level, 0 to 10, from which a message counts as sexual."""


@dataclass(frozen=True, slots=True)
class Situation:
    """The facts about one message that the rules depend on."""

    characters: int = 0
    """Length of the message in characters of text."""
    messages: int = 0
    """Messages of the conversation so far."""
    nsfw: int = 0
    """NSFW level 0 to 10 of the message or the conversation, the higher of the two."""
    policy: NsfwPolicy = NsfwPolicy.BLOCK
    """The character's policy for sexual content."""
    adult: bool = False
    """True if the user passed the age gate; False if that is unknown."""
    preferred: str = ""
    """Name of the character's preferred model; "": no preference."""


@dataclass(frozen=True, slots=True)
class Route:
    """The chosen model."""

    model: str
    """Canonical name of the model."""
    reason: str
    """One of "uncensored", "preferred", "long message", "long conversation" or "fast". In the message metadata."""


def route(rules: Rules, situation: Situation) -> Route:
    """Return the first model by the rules of this module."""
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
