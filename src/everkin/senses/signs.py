"""What speaks for a feeling besides trained weights: emoji, emoticons, plain words of feeling and their negation, and how
loudly something is said. Hand-set, in the classifier's own unit (natural log-odds)."""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

from everkin.senses.features import Word


class Feeling(StrEnum):
    NEUTRAL = "neutral"
    HAPPY = "happy"
    SAD = "sad"
    ANGRY = "angry"
    FLIRTY = "flirty"


KINDS = tuple(Feeling)
"""The order of every list of five scores."""

_EMOJI = {
    Feeling.HAPPY: "😀😃😄😁😆😅🤣😂🙂😊😇🤩😋😛😜😝🤗🥳😎😸😹😺🎉🎊👍🙌👏💪✨🌟🥹☺😌🤭🙏☀🌈😍😻🧡💛💚💙💜",
    Feeling.SAD: "😔😞😟🙁☹😣😖😫😩🥺😢😭😥😓😰😨😱💔😿🥀😪😕😧😦",
    Feeling.ANGRY: "😤😠😡🤬👿💢🖕😾👎🙄😒",
    Feeling.FLIRTY: "😘🥰😚😙😗😉😏💋❤💕💖💗💓💞💘💝💌🫦👅🍑🍆😈🩷♥",
}
_EMOJI_OF = {sign: feeling for feeling, signs in _EMOJI.items() for sign in signs}

_EMOTICONS = (
    (Feeling.HAPPY, re.compile(r"(?<![\w:;=])(?:[:=8x]['’]?-?[)\]D>]+|\^_?\^|xD+|XD+|\\o/|c:)(?![\w(])")),
    (Feeling.SAD, re.compile(r"(?<![\w:;=])(?:[:=]['’]?-?[(\[]+|:['’]\(|;_;|T_T|:-?/|</3)(?!\w)")),
    (Feeling.ANGRY, re.compile(r"(?<![\w:;=])(?:>:-?[(\[]|>_<|-_-|:-?@)(?!\w)")),
    (Feeling.FLIRTY, re.compile(r"(?<![\w:;=])(?:;-?[)\]]+|:-?\*+|;-?P|<3+|xoxo)(?!\w)")),
)

_WORDS = {
    Feeling.HAPPY: "happy glad joyful delighted thrilled excited cheerful wonderful fantastic awesome amazing great good yay "
    "woohoo proud grateful thankful relieved content ecstatic overjoyed fun better nice "
    "feliz contento contenta alegre glücklich fröhlich froh heureux heureuse content contente felice contenta blij",
    Feeling.SAD: "sad unhappy depressed lonely miserable heartbroken crying cried upset hopeless worthless devastated "
    "grieving afraid scared terrified anxious worried ashamed hurting hurts gutted homesick exhausted "
    "triste traurig einsam ängstlich malheureux malheureuse verdrietig solo sola",
    Feeling.ANGRY: "angry mad furious annoyed annoying irritated pissed livid enraged hate hated disgusting disgusted fuming "
    "enojado enojada furioso furiosa wütend sauer fâché fâchée énervé arrabbiato arrabbiata boos",
}
_FEELING_OF = {word: feeling for feeling, line in _WORDS.items() for word in line.split()}
_TURNED = {Feeling.HAPPY: Feeling.SAD, Feeling.SAD: Feeling.NEUTRAL, Feeling.ANGRY: Feeling.NEUTRAL}
_WEAK = frozenset("good great nice better fun hate annoying upset hurts content solo sola mad".split())

_FLIRTING = re.compile(
    r"\b(?:(?:kiss(?:es|ing)?|cuddl(?:e|es|ing)|seduc\w+|date|marry|undress|touch|hold) (?:me|you)\b"
    r"|(?:you|u|ur|you're|you are|you look|you looking)(?: \w+){0,3} (?:hot|sexy|gorgeous|cute|beautiful|handsome|irresistible|hottie|stunning)\b"
    r"|hey (?:sexy|beautiful|gorgeous|handsome|cutie|hot stuff|babe)|(?:flirt|flirty|flirting|sexy|babe|hottie|cutie)\b"
    r"|turn(?:s|ed|ing)? me on|want you (?:so|badly|right|now|here|tonight)|thinking (?:about|of) you|crush on you"
    r"|(?:love|adore) (?:you|u|ya)\b|in love with you|be my (?:girlfriend|boyfriend|valentine)|come closer|in my arms|your lips"
    r"|te (?:quiero|amo)|ich liebe dich|je t['’]aime|ti amo|eu te amo)",
    re.I,
)
_AIMED = re.compile(
    r"\b(?:you|u|ya|ur|your|yours|youre|babe|baby|darling|honey|sweetheart|sweetie|my dear|boyfriend|girlfriend|gf|bf|crush"
    r"|romantic|romance|kiss\w*|cuddl\w*|hugs?|hugging|in love|dating|sexy|flirt\w*|hottie|cutie|gorgeous|handsome"
    r"|te|dich|ti|tu|amor|mi amor|schatz|chéri\w*)\b|[😘😍🥰😚😏😉💋❤♥💕💖💗💘💝🫦]|<3|;-?\)|:-?\*",
    re.I,
)
_IDIOMS = (
    (Feeling.HAPPY, re.compile(r"\b(?:can(?:no|['’])?t wait|couldn['’]?t be (?:happier|better|prouder)|never been (?:so |this )?(?:happy|happier|better)|not bad|made my day|love it|best day)\b", re.I)),
    (Feeling.SAD, re.compile(r"\b(?:(?:miss|missing) (?:you|him|her|them|my)|passed away|broke up with me|want to cry|in tears|feel(?:ing)? (?:so |really |very )?(?:down|low|empty|alone|bad|awful|terrible|lost)|never been so sad|can['’]?t stop crying)\b", re.I)),
    (Feeling.ANGRY, re.compile(r"\b(?:fed up|sick of|shut up|screw you|fuck (?:you|off)|(?:drives?|driving) me (?:crazy|mad|nuts)|leave me alone|how dare|piss(?:es)? me off|go to hell)\b", re.I)),
)  # fmt: skip

_INTENSE = frozenset(
    "so really very extremely incredibly absolutely totally completely utterly super insanely deeply truly fucking freaking "
    "damn literally seriously soo omg too muy sehr très tellement molto muito".split()
)
_HEDGED = re.compile(
    r"\b(?:a (?:bit|little)|slightly|kind ?of|kinda|sort ?of|sorta|somewhat|mildly|i guess|not (?:too|that|so|very)|ein bisschen|un peu|un poco)\b",
    re.I,
)

_ONE_EMOJI = 0.8
_ONE_EMOTICON = 0.8
_WORDLESS = 3.0
"""Times an emoji or emoticon weighs where there are hardly any words beside it."""
_ONE_WORD = 0.8
_WEAK_WORD = 0.2
_ONE_PHRASE = 1.5
_NEGATED = 2.0
_MOST = 4.0
"""A feeling gets no more than this from all its signs together."""


def evidence(text: str, words: Sequence[Word]) -> list[float]:
    """What the signs add to the score of each kind. Neutral only rises when a bad feeling is denied."""
    scores = dict.fromkeys(KINDS, 0.0)
    alone = _WORDLESS if sum(word.is_word for word in words) < 3 else 1.0
    for word in words:
        if word.text in _EMOJI_OF:
            scores[_EMOJI_OF[word.text]] += _ONE_EMOJI * alone
        elif word.text in _FEELING_OF:
            _weigh(word, _FEELING_OF[word.text], scores)
    _add(scores, (feeling for feeling, pattern in _EMOTICONS if pattern.search(text)), _ONE_EMOTICON * alone)
    _add(scores, (feeling for feeling, pattern in _IDIOMS if pattern.search(text)), _ONE_PHRASE)
    if _FLIRTING.search(text):
        scores[Feeling.FLIRTY] += _ONE_PHRASE
    return [min(_MOST, scores[kind]) for kind in KINDS]


def is_aimed(text: str) -> bool:
    """Whether fondness in `text` is for the listener or a sweetheart, and not for pizza."""
    return _AIMED.search(text) is not None


def marks(words: Sequence[Word]) -> int:
    """How often the message raises its voice: intensifiers, "!", capitals, drawn-out words, emoji after the first."""
    count = -1 if any(word.text in _EMOJI_OF for word in words) else 0
    for word in words:
        loud = word.is_word and len(word.written) > 2 and word.written.isupper()
        drawn = word.is_word and len(word.written) > len(word.text)
        count += word.text in _INTENSE or word.text in _EMOJI_OF or word.text[0] == "!" or loud or drawn
        count += word.text.startswith("!") and word.text.endswith("+")
    return count


def hedges(text: str) -> int:
    return len(_HEDGED.findall(text))


def _weigh(word: Word, feeling: Feeling, scores: dict[Feeling, float]) -> None:
    weak = word.text in _WEAK
    if not word.negated:
        scores[feeling] += _WEAK_WORD if weak else _ONE_WORD
    else:
        scores[feeling] -= 1.0 if weak else _NEGATED
        scores[_TURNED[feeling]] += 1.0 if weak else _NEGATED


def _add(scores: dict[Feeling, float], feelings: Iterable[Feeling], weight: float) -> None:
    for feeling in feelings:
        scores[feeling] += weight
