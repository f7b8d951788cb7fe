"""What a message is true of: the person's own life, the part they play, a story, or nothing (M4). Pure.

A frame goes on from message to message until it is left: by brackets or "OOC", by words ("anyway, back in real life"), or by
PLAIN_ENOUGH messages in a row without a sign of play. In doubt a message is not real: a fact missed can be told again, a dragon in the
biography is embarrassing.
"""

import re
from dataclasses import dataclass, replace

from everkin.domain.memory import Realm

PLAIN_ENOUGH = 3


@dataclass(frozen=True, slots=True)
class Frame:
    """The state of the scene after a message. `plain`: messages since the last sign of play. `acted`: the last message acted
    something out. `brief`: an idle thought, which holds for one message more at most."""

    realm: Realm = Realm.REAL
    plain: int = 0
    acted: bool = False
    brief: bool = False


def _signs(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.I)


OUT = _signs(
    r"^\W*(?:\(\(|\[\[|//|[([]?ooc\b)",
    r"\bback (?:to|in) (?:reality|real life|the real world)\b|\birl\b|\bin real life\b|\bout of character\b",
    r"^\W*(?:ok(?:ay)?,? )?(?:anyway|anyways|seriously though|ok but seriously|no but seriously|end scene|scene over)\b",
    r"\b(?:the|my) real (?:one|me|life|job|name)\b|\bstop(?:ping)? (?:the )?(?:game|roleplay|story)\b",
)
_ASIDE = re.compile(r"^\W*(?:\(\(|\[\[|//|[([]?ooc\b)", re.I)

PLAY = _signs(
    r"\blet['’]?s (?:pretend|play|role-?play|rp)\b(?! (?:football|chess|tennis|cards|a game of|some))",
    r"\bpretend (?:that )?(?:i|we|you)\b|\brole-?play\b|\b(?:you|i)['’]?(?:re| are| am|m) (?:the|a) .{2,40} and (?:you|i)['’]?(?:re| are| am|m) (?:the|a)\b",
    r"\bI,? (?:Sir|Lady|Lord|King|Queen|Prince|Princess|Captain|Brother|Sister|Master|Count|Countess|Duke|Duchess|Baron) [A-Z]",
    r"\bI (?:am|be) (?:Sir|Lady|Lord|King|Queen|Prince|Princess|Captain|Count|Countess|Duke|Duchess|Baron|Brother) [A-Z]",
    r"\bmy character (?:is|was|has|lives|would)\b|\bin[- ]character\b",
)
_SCENERY = _signs(
    r"\b(?:sword|throne|tavern|guild|dragons?|castle|goblins?|elves|elf|orcs?|wizards?|sorcer\w+|spaceship|starship|galaxy|"
    r"thee|thou|thy|m['’]?lord|milady|my liege|aye|ye|matey|quest|dungeon|spell|wand|kingdom|realm|abbey|vampire|werewolf|cutlass)\b"
)
TALE = _signs(
    r"\bin (?:my|the|this|our) (?:novel|book|story|screenplay|script|campaign|fanfic|fan fiction|comic|manuscript|short story|play)\b",
    r"\bmy (?:protagonist|main character|heroine|hero|villain|antagonist|narrator|oc)\b|\bthe (?:protagonist|hero|heroine)\b",
    r"\b(?:tell|write|make) (?:me|us|up) (?:a|another) (?:\w+ )?(?:story|tale|fairy tale)\b|\bonce upon a time\b",
)
IDLE = _signs(
    r"\bimagine\b(?! my (?:surprise|shock))|\bI wish\b|\bwhat if\b|\bsuppos(?:e|ing) (?:I|we|you|that)\b|\bhypothetically\b|\bin another life\b",
    r"\bif (?:I|we) (?:were|was|had|lived|won|could|quit|became|got|owned|ever|worked|didn['’]t|moved|hadn['’]t|married)\b|\bif only\b",
    r"\blet['’]?s say\b|\bin my dreams\b|\bI (?:dreamed|dreamt|had a dream)\b|\bas if\b",
)
JOKE = _signs(
    r"\s/s\b|\byeah,? right\b|\boh,? sure\b|\bsure,? (?:and )?i['’]?m\b|\bj/k\b|\bjk\b|\bjust kidding\b|\bonly joking\b|\bi['’]m joking\b",
    r"\b(?:unicorns?|narnia|hogwarts|atlantis|lizard king|king of|queen of|emperor of|time machine|superpowers?|supermodel|my yacht|"
    r"the moon|mars|martian)\b(?! landing| bar)",
    r"\bi just love\b.{0,60}\b(?:traffic|queue|queues|rain|mondays|meetings|waiting)\b|\bliterally (?:dying|dead|died)\b",
    r"^\W*beep boop|\bas the song goes\b|\bknock knock\b|\bnow I['’]m not sure\b",
)
TAKEN_BACK = _signs(
    r"^\W*(?:h(?:a|e)+h?[ ,]*)*(?:no+[ ,]+(?:lol|haha|obviously|not really|of course not)|just kidding|jk|kidding|only joking|joking)\b"
)
"""What turns the person's message before this one into a joke."""

_ACTED = re.compile(r"(?<![*\w])\*([^*\n]{2,300})\*(?![*\w])")
_SELF = re.compile(r"I\b")


def realm_of(text: str, frame: Frame) -> tuple[Realm, Frame]:
    """Of one message, and the frame after it."""
    acted = _acted(text)
    if OUT.search(text) and not (acted and _SCENERY.search(text)):
        return Realm.REAL, (replace(frame, acted=False) if _ASIDE.search(text) and "))" in text else Frame())
    if _plays(text, acted, frame):
        return Realm.PERSONA, Frame(Realm.PERSONA, acted=acted)
    if TALE.search(text):
        return Realm.STORY, Frame(Realm.STORY)
    if frame.realm in {Realm.PERSONA, Realm.STORY}:
        return _going_on(text, frame, acted)
    return _idle(text, frame, acted)


def _acted(text: str) -> bool:
    """Something acted out in four words or more."""
    return any(len(found[1].split()) >= 4 for found in _ACTED.finditer(text))


def _plays(text: str, acted: bool, frame: Frame) -> bool:
    if PLAY.search(text):
        return True
    within = " ".join(found[1] for found in _ACTED.finditer(text))
    return bool(acted and (frame.acted or _SCENERY.search(text) or _SELF.match(within)))


def _going_on(text: str, frame: Frame, acted: bool) -> tuple[Realm, Frame]:
    plain = 0 if acted or _SCENERY.search(text) else frame.plain + 1
    if plain >= PLAIN_ENOUGH:
        return Realm.REAL, Frame()
    return frame.realm, replace(frame, plain=plain, acted=acted)


def _idle(text: str, frame: Frame, acted: bool) -> tuple[Realm, Frame]:
    if IDLE.search(text):
        return Realm.HYPOTHETICAL, Frame(brief=True, acted=acted)
    if JOKE.search(text):
        return Realm.HYPOTHETICAL, Frame(acted=acted)
    if frame.brief and not _SOBER.match(text):
        return Realm.HYPOTHETICAL, Frame(acted=acted)
    return Realm.REAL, Frame(acted=acted)


_SOBER = re.compile(
    r"^\W*(?:ha++(?:ha*)?[ ,]*)?(?:ok|okay|anyway|but|actually|seriously|honestly|in reality|really|no,|nah|remember|my name|i am|i['’]m|so )",
    re.I,
)
