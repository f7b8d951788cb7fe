"""Removes the character's own redundant lines from the window.

A user's messages always stay, and so does the character's newest line, which the user is answering. System and deleted
messages were removed before (scene.heard_before). Of the character's earlier lines these are removed:

1. a repeat: the words of an earlier line of the same character in the window, apart from fillers ("oh", "really") and
   gestures, or a long run of its words. Shorter lines stay: "Yes." twice may answer two questions.
2. a courtesy ("You're welcome!", "Happy to help.") when the window already contains one.
3. only gestures: stage directions without an action ("*smiles softly*"). "*takes the key*" stays.

One new word, number, name, "not" or "?" is enough for a line to stay. Courtesies and gestures are detected in English
only; repeats in every language that separates words by blanks.
"""

import re
from collections.abc import Collection, Sequence

from everkin.context.scene import Speech

REPEAT_WORDS = 4
"""A line of fewer words never counts as a repeat."""

RUN_WORDS = 8
"""This many words in the same order as in an earlier line, without others, are a repeat of a part of it."""

_STAGE = re.compile(r"((?<!\*)\*++[^*]++\*++)")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[?？]")

_SPELLED_OUT = {"'m": " am", "'re": " are", "'ve": " have", "'ll": " will", "'d": " would", "n't": " not", "'s": " is"}
_CONTRACTION = re.compile(r"(?<=\w)(?:n't|'(?:m|re|ve|ll|d|s))\b")


def _set(words: str) -> frozenset[str]:
    """Return the words of a text separated by white space."""
    return frozenset(words.split())


_FILLERS = _set("a ah aw aww hm hmm hmmm just mm oh ooh quite really so the truly um very well")

_GESTURES = _set(
    """smile smiles smiling grin grins grinning nod nods nodding laugh laughs laughing chuckle chuckles chuckling giggle
    giggles giggling sigh sighs sighing wink winks winking blush blushes blushing shrug shrugs shrugging blink blinks
    blinking smirk smirks smirking beam beams beaming hum hums humming pause pauses tilt tilts look looks looking gaze
    gazes gazing glance glances eye eyes head brow eyebrow eyebrows lip lips shoulder shoulders hair face cheek cheeks"""
)
_AROUND_GESTURES = _FILLERS | _set(
    """i he she they it you we my your his her their me him them at to with and then for in on of up down away back over
    bit little moment small soft warm gentle sad happy shy slow"""
)

_COURTESY = re.compile(
    r"(?:(?:you are (?:most |always )?welcome|thank you(?: much)?|thanks(?: a lot| much)?|any ?time|my pleasure"
    r"|no problem|(?:i am )?(?:always )?(?:glad|happy) (?:i could help|to (?:help|hear (?:that|it)))"
    r"|i am (?:always )?here (?:for you|if you need me)|let me know if (?:there is|you need) anything(?: else)?"
    r"|is there anything else(?: i can (?:help you with|do for you))?|how can i help(?: you)?(?: today)?"
    r"|that is (?:great|good|nice|wonderful|lovely)(?: to hear)?"
    r"|have (?:nice|good|great|lovely|wonderful) (?:day|evening|night|one)|take care)(?: |$))+"
)


def without_redundant(lines: Sequence[Speech]) -> list[Speech]:
    """Return the lines without redundant ones, in the same order.

    The result depends only on the given lines. Appending a line changes no earlier decision, except for the character's
    line that was newest before. Several characters are distinguished by name.
    """
    newest = {line.name: place for place, line in enumerate(lines) if line.own}
    names = {part.casefold() for line in lines for part in line.name.split()}
    told = {name: _Told(names) for name in newest}
    return [
        line
        for place, line in enumerate(lines)
        if not line.own or told[line.name].adds(line.text) or place == newest[line.name]
    ]


class _Told:
    """The lines of one character so far in the window."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = names
        self._meanings: list[str] = []
        self._courtesy = False

    def adds(self, text: str) -> bool:
        """Return True if `text` adds content to the earlier lines, and record it."""
        spoken, shown = _split(text)
        if not spoken and shown:
            if all(map(_is_gesture, shown)):
                return False
        elif self._is_courtesy(spoken, shown):
            if self._courtesy:
                return False
            self._courtesy = True
        return self._is_new(spoken, shown)

    def _is_courtesy(self, spoken: Sequence[str], shown: Sequence[str]) -> bool:
        bare = " ".join(word for word in spoken if word not in _FILLERS and word not in self._names and word != "?")
        return bool(_COURTESY.fullmatch(bare)) and all(map(_is_gesture, shown))

    def _is_new(self, spoken: Sequence[str], shown: Sequence[str]) -> bool:
        if len(spoken) + len(shown) < REPEAT_WORDS:
            return True
        words = [word for word in spoken if word not in _FILLERS] + [word for word in shown if not _is_gesture(word)]
        meaning = f" {' '.join(words)} "
        repeated = any(meaning == told or (len(words) >= RUN_WORDS and meaning in told) for told in self._meanings)
        self._meanings.append(meaning)
        return not repeated


def _is_gesture(word: str) -> bool:
    return word in _GESTURES or word in _AROUND_GESTURES or (len(word) > 4 and word.endswith("ly"))


def _split(text: str) -> tuple[list[str], list[str]]:
    """Return (spoken words, words of stage directions), case-folded; a question mark counts as a word."""
    spoken: list[str] = []
    shown: list[str] = []
    for index, part in enumerate(_STAGE.split(text)):
        (shown if index % 2 else spoken).extend(_words(part))
    return spoken, shown


def _words(text: str) -> list[str]:
    plain = text.casefold().replace("’", "'")
    if "'" in plain:
        plain = _CONTRACTION.sub(lambda match: _SPELLED_OUT[match.group()], plain)
    return _WORD.findall(plain)
