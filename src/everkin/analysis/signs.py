"""Hand-set evidence for an emotion besides trained weights: emoji, emoticons, emotional words and their negation, and
phrases common in chats but rare in the training data. Weights are in the classifier's unit (natural log-odds)."""

import re
from collections.abc import Sequence
from enum import StrEnum

from everkin.analysis.features import Word
from everkin.analysis.intent_phrases import OUT_OF_CHARACTER


class Feeling(StrEnum):
    """The emotions that are distinguished."""

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
    (Feeling.HAPPY, re.compile(r"(?<![\w:;=])(?:[:=8x]['’]?-?[)\]D]+|\^_?\^|xD+|XD+|\\o/|c:)(?![\w(])")),
    (Feeling.SAD, re.compile(r"(?<![\w:;=>])(?:[:=]['’]?-?[(\[]+|;_;|T_T|:-?/|</3)(?!\w)")),
    (Feeling.ANGRY, re.compile(r"(?<![\w:;=])(?:>:-?[(\[]|>_<|-_-|:-?@)(?!\w)")),
    (Feeling.FLIRTY, re.compile(r"(?<![\w:;=])(?:;-?[)\]]+|:-?\*+|;-?P|<3+|xoxo)(?!\w)")),
)

_WORDS = {
    Feeling.HAPPY: "happy glad joyful delighted thrilled excited cheerful wonderful fantastic awesome amazing great good yay "
    "woohoo proud grateful thankful relieved content ecstatic overjoyed fun better nice",
    Feeling.SAD: "sad unhappy depressed lonely miserable heartbroken crying cried upset hopeless worthless devastated "
    "grieving afraid scared terrified anxious worried ashamed hurting hurts gutted homesick exhausted",
    Feeling.ANGRY: "angry mad furious annoyed annoying irritated pissed livid enraged hate hated disgusting disgusted fuming",
}
_FOREIGN_WORDS = {
    Feeling.HAPPY: "feliz contento contenta alegre glücklich fröhlich froh heureux heureuse contente felice blij",
    Feeling.SAD: "triste traurig einsam ängstlich malheureux malheureuse verdrietig",
    Feeling.ANGRY: "enojado enojada furioso furiosa wütend sauer fâché fâchée énervé arrabbiato arrabbiata",
}


def _each(table: dict[Feeling, str]) -> dict[str, Feeling]:
    return {word: feeling for feeling, line in table.items() for word in line.split()}


_FOREIGN = _each(_FOREIGN_WORDS)
_FEELING_OF = _each(_WORDS) | _FOREIGN
_DENIED = {Feeling.HAPPY: Feeling.SAD, Feeling.SAD: Feeling.NEUTRAL, Feeling.ANGRY: Feeling.NEUTRAL}
_WEAK_WORDS = "good great nice better fun hate annoying upset hurts content mad"
_WEAK = frozenset(_WEAK_WORDS.split())
_CEASING = frozenset(("stop", "stopped", "stopping", "help", "quit", "cease", "shake"))
"""Negated, these deny no emotion: "can't stop crying", "couldn't help being happy"."""


def _phrases(feeling: Feeling, weight: float, *patterns: str) -> tuple[Feeling, float, re.Pattern[str]]:
    return feeling, weight, re.compile(rf"(?:{'|'.join(patterns)})", re.I)


_PHRASES = (
    _phrases(
        Feeling.FLIRTY,
        4.0,
        r"\b(?:kiss(?:es|ing)?|cuddl(?:e|es|ing)|seduc\w+|marry|undress) (?:me|you)\b",
        r"\bhey,? (?:sexy|beautiful|gorgeous|handsome|cutie|hot stuff|babe)\b",
        r"\b(?:turn(?:s|ed|ing)? me on|crush on you|(?:falling|fallen|fell|in love) (?:for|with) you|be my (?:girl|boy)friend)\b",
        r"\b(?:want you (?:so|badly|right now|here|tonight)|(?:in (?:my|your) arms)|your lips|go on a date|take me out)\b",
        r"\b(?:te (?:quiero|amo)|ich liebe dich|je t['’]aime|ti amo|eu te amo|ik hou van jou)\b",
        r"\b(?:love|adore) (?:you|u|ya)\b(?! guys| all| both)",
    ),
    _phrases(
        Feeling.FLIRTY,
        4.0,
        r"\b(?:you|u|you['’]?re|ur)(?: are| look| looking| sound)?(?: (?:so|very|really|too|pretty|such|a|damn))* "
        r"(?:hot|sexy|gorgeous|cute|beautiful|handsome|irresistible|hottie|cutie|stunning)\b(?! (?:enough|people))",
        r"\bare you (?:flirting|single|blushing)\b|\bi(?:['’]m| am) blushing\b|\bflirt with\b",
    ),
    _phrases(
        Feeling.HAPPY,
        3.5,
        r"\bcan(?:no|['’])?t wait\b|\bcouldn['’]?t be (?:happier|better|prouder)",
        r"\bmade my day|\bbest day\b|\bmakes? me (?:smile|laugh|happy)\b",
        r"\b(?:got|landed) the job\b|\bpassed my\b|\bgot engaged\b",
    ),
    _phrases(
        Feeling.HAPPY,
        3.5,
        r"\b(?:can(?:no|['’])?t|couldn['’]?t) (?:stop|help) (?:\w+ )?(?:smil|grinn?|giggl|laugh)ing\b",
    ),
    _phrases(
        Feeling.SAD, 3.0, r"\b(?:can(?:no|['’])?t|couldn['’]?t) (?:stop|help) (?:\w+ )?(?:cry|sobb|weep|shak)ing\b"
    ),
    (Feeling.NEUTRAL, 4.5, OUT_OF_CHARACTER),
    _phrases(Feeling.HAPPY, 8.0, r"\bnever (?:been|felt) (?:so |this )?(?:happ|better)"),
    _phrases(Feeling.SAD, 8.0, r"\b(?:never (?:been|felt|was)|was never) (?:so |this )(?:sad|low|alone|lonely)\b"),
    _phrases(Feeling.HAPPY, 6.0, r"\bnot (?:(?:so|too|half) )?bad\b(?! (?:idea|thing|person))"),
    _phrases(Feeling.NEUTRAL, 5.0, r"\b(?:don['’]?t|do not|doesn['’]?t|didn['’]?t) (?:really |even )?(?:hate|mind)\b"),
    _phrases(Feeling.NEUTRAL, 2.0, r"^\W*(?:ok|okay|k|kk|yes|yep|yeah|no|nope|sure|hm+|alright|i see|maybe|right)\W*$"),
    _phrases(
        Feeling.NEUTRAL,
        6.0,
        r"\b(?:are|were|do) you (?:feel(?:ing)? )?(?:so |still |really )?(?:sad|happy|angry|mad|upset|lonely|scared|worried|afraid)\b",
    ),
    _phrases(
        Feeling.SAD,
        6.0,
        r"\b(?:don['’]?t|do not|doesn['’]?t|never|not) (?:really |even )?(?:love|loved|like|want) (?:you|me|us)\b",
    ),
    _phrases(
        Feeling.SAD,
        3.0,
        r"\b(?:miss|missing) (?:you|him|her|them|my)\b|\bpassed away\b|\bbroke up with me\b|\bdumped me\b|\bcheated on me\b",
        r"\bmy (?:\w+ )?(?:mom|mum|mother|dad|father|dog|cat|friend|grandma|grandpa|brother|sister|son|daughter|wife|husband|"
        r"grandmother|grandfather|partner) (?:just )?(?:died|is dying|is dead)\b",
        r"\b(?:nobody|no one|noone) (?:loves|likes|cares|understands|wants|talks)\b",
        r"\bfeel(?:ing)? (?:so |really |very |a bit )?(?:down|low|empty|alone|awful|lost|like crying)\b",
        r"\b(?:failed my|lost my job|got fired|want to cry|wanna cry|nothing matters)\b",
    ),
    _phrases(
        Feeling.ANGRY,
        4.0,
        r"\b(?:not|n['’]t|never) (?:even )?(?:funny|cool|fair|ok|okay|acceptable)\b",
    ),
    _phrases(
        Feeling.ANGRY,
        2.0,
        r"\bfed up\b|\bshut up\b|\bscrew you\b|\bfuck (?:you|off)\b|\bhow dare\b|\bpiss(?:es|ed)? (?:me )?off\b|\bgo to hell\b",
        r"\bleave me alone\b|\b(?:yelled|shouted|screamed) at me\b",
    ),
)

_AIMED = re.compile(
    r"\b(?:you|u|ya|ur|your|yours|youre|babe|baby|darling|honey|sweetheart|sweetie|my dear|boyfriend|girlfriend|gf|bf|crush"
    r"|romantic|romance|kiss\w*|cuddl\w*|hugs?|hugging|in love|dating|sexy|flirt\w*|hottie|cutie|gorgeous|handsome"
    r"|te|dich|ti|tu|amor|schatz|chéri\w*)\b|[😘🥰😚😙😗😏😉💋❤♥💕💖💗💓💞💘💝💌🫦👅🍑🍆😈🩷]|<3|;-?[)\]P]|:-?\*|\b(?:jou|in (?:my|your) arms|blushing|on a date|take me out)\b",
    re.I,
)

_NEGATED = re.compile(r"(?:\bnot|n['’]t|\bnever|\bdont)\b[^.!?;,]*$", re.I)
_NEGATION_NEAR = 20
"""Characters before a phrase within which a negation cancels it."""

_ONE_EMOJI = 0.7
_ONE_EMOTICON = 0.7
_BESIDE_WORDS = {0: 12.0, 1: 8.0, 2: 8.0}
"""Number of words in the message -> factor for an emoji or emoticon; 1 for more words."""
_ONE_WORD = 0.8
_ONE_FOREIGN_WORD = 4.0
_WEAK_WORD = 0.2
_DENIAL = 4.0
_WEAK_DENIAL = 1.5
_MOST = 9.0
"""Bound of the evidence for one emotion, in either direction."""


def evidence(text: str, words: Sequence[Word]) -> list[float]:
    """Return the evidence for each kind, in the order of KINDS. Neutral rises where a negative emotion is denied, and
    where the user leaves the role: such text is mostly about practical matters."""
    scores = dict.fromkeys(KINDS, 0.0)
    alone = _BESIDE_WORDS.get(sum(word.is_word for word in words), 1.0)
    weighed: set[tuple[str, bool]] = set()
    ceaseless = False
    for word in words:
        ceaseless = word.negated and (ceaseless or word.text in _CEASING)
        denied = word.negated and not ceaseless
        if word.text in _EMOJI_OF:
            scores[_EMOJI_OF[word.text]] += _ONE_EMOJI * alone
        elif word.text in _FEELING_OF and (word.text, denied) not in weighed:
            weighed.add((word.text, denied))  # repetition is no new evidence
            _weigh(word.text, denied, _FEELING_OF[word.text], scores)
    for feeling, emoticon in _EMOTICONS:
        if emoticon.search(text):
            scores[feeling] += _ONE_EMOTICON * alone
    for feeling, weight, phrase in _PHRASES:
        found = phrase.search(text)
        if found and not _NEGATED.search(text, max(0, found.start() - _NEGATION_NEAR), found.start()):
            scores[feeling] += weight
    return [max(-_MOST, min(_MOST, scores[kind])) for kind in KINDS]


def is_aimed(text: str) -> bool:
    """Return whether fondness in `text` is for the listener or a sweetheart, not for a thing such as pizza."""
    return _AIMED.search(text) is not None


def _weigh(word: str, denied: bool, feeling: Feeling, scores: dict[Feeling, float]) -> None:
    weak = word in _WEAK
    if not denied:
        scores[feeling] += _ONE_FOREIGN_WORD if word in _FOREIGN else _WEAK_WORD if weak else _ONE_WORD
        return
    denial = _WEAK_DENIAL if weak else _DENIAL
    scores[feeling] -= denial
    scores[_DENIED[feeling]] += denial
