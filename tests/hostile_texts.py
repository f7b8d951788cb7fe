"""Texts made to hold a reader up: long runs, unbalanced openers, the beginnings of phrases that rules look for, over and over.

Made by code, the same on every run. Everything of Everkin that meets a stranger's text is run over them.
"""

import random
import sys
import unicodedata
from collections.abc import Iterator

MESSAGE = 2000
"""Characters of the longest message as shipped."""
READ_BY_RULES = 6000
"""Characters that the rules of memory read, where MAX_MESSAGE_LENGTH lets a message be longer."""

ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u180e\u00ad"
SPACES = tuple(chr(code) for code in range(sys.maxunicode + 1) if chr(code).isspace()) + tuple(ZERO_WIDTH)

SIGNS = tuple(",.;:!?'\"()[]{}<>/\\|-_*`~#@&=+^$%…–—’‘“”«»„¿¡。、？！：（「")

LETTERS = (
    "a", "A", "I", "x", "X", "o", "h", "é", "ß", "İ", "ŉ", "ﷺ", "ﬃ", "a\u0301", "\u0301", "\u0300\u0323", "e\u0301\u0302\u0303", "д", "ї",
    "א", "ع", "ن\u064b", "न", "क्ष", "ก", "ぁ", "漢", "한", "ᄒ", "𝓐", "🙂", "👩\u200d🍳", "❤\ufe0f", "🇫🇷", "👍🏽", "😘", "🍆", "\ufe0f",
    "0", "1", "12", "1999", "5", "1.", "1,", "1 ", "12 ", "1999 ", "5 ", "1. ", "1st ", "½", "٣", "Ⅳ",
)  # fmt: skip

ALTERNATIONS = (
    "a ", "a,", "a ,", " ,", ", ", "a, ", "a.b", "a. ", "A. ", "A ", "Ab ", "Ab Cd ", "AbCd", "Ab-", "a'", "a’", "a’s ", "a's ", "n't ", "'s ",
    "a-", "a-b ", " - ", " – ", "- ", "-\n", "—a", "; ", ": ", ":)", ":-", ":-)", ";-", "?!", "? ", "?\n", "!? ", "a? ", "a\n", "\n", "\r\n",
    " \n", "\t\n", "a \n", "\n>", "> a\n", ">\n", ">> ", "a:\n", "a: ", "a: /", "/me ", "/echo ", "// ", "((", "((a", "(( ", "((a)", "))", "()",
    "( ", "(a ", "(a) ", "[[", "[[a", "[[ ", "[a](", "![", "{{", "{{ ", "{{\t", "{{char", "{{char ", "{", "{}", '{"fact"', '{"fact"}', '{"a":',
    "*a", "*a ", "* a", "*a*", "*a* ", "**a ", "*a\n", "* ", "**", "*a b c d", "_a ", "_a b ", "_a_", "_ ", "__", "`a", "`a` ", "``` ", "```\n",
    "```json\n", '"a', '"a ', '"a" ', "“a", "“a ” ", "«a", "<a", "<a ", "<|", "</", "http://", "a@b.", "a.", "a/b", "\\a", "x x", "xx ", "a1", "a1b",
    "1a", "3e", "0o0", "a1a1 ", "$a", "@a", "a*a", "ha", "ha ", "haha ", "hahaha", "he", "hehe ", "lol ", "lo", "ja", "hm", "hmm ", "um ", "xD",
)  # fmt: skip

PHRASES = (
    "i ", "I ", "i'm ", "im ", "I'm ", "i’m ", "i am ", "I am ", "I am so ", "I, ", "I am a ", "am a ", "am ", "my ", "My ", "our ", "my a ", "my best ",
    "my best best ", "best ", "older ", "my old ", "old ", "little ", "my sister ", "my sister, ", "my sister Anna ", "my sister Anna, who is ", "my mum ",
    "my dog Rex ", "my dog is called ", "our dog's name is ", "a dog called ", "have a ", "have a dog ", "have an old ", "I have two ", "I have two dogs: A, ",
    "two kids ", "kids ", "two ", "Ann, ", "Ann and ", ", Ann", ", and Ann", "Ann is ", "Ann turned ", "Ann died ", "he is ", "she was ", "they ", "they just ",
    "it is ", "it is just ", "is so very ", "so ", "so, ", "so very ", "really ", "really, ", "actually ", "just ", "just just ", "also ", "now ", " now", ", now",
    " too", " too as well", " though", " lol", " haha", " x", " or something", " and that", " last week", " last year", "well, ", "oh ", "ah, ", "yeah ",
    "no ", "no, ", "no no, lol ", "ok ", "ok, ", "okay ", "hi ", "hi, ", "hi im ", "hey ", "hello ", "hello there ", "good morning ", "sup", "sup ", "there ",
    "what's up ", "how are you ", "and ", "and I ", " and I", "and, ", ", and ", " and ", "but ", "but I ", ", but", "because ", "cos ", "when ", "if ", "if I ",
    "would ", "who is ", ", who is ", "which ", "that ", "for about ", "for a years ", "a years ago ", "about a years ", "with no ", "as a ", "as an ", "like a ",
    "too a ", "my name is ", "my name ", "name is ", "call me ", "my full name is Ann ", "people call me ", "i live in ", "live with my a ", "live in ", "moved ",
    "moved to ", "moved from Ann to ", "moved in with a ", "from ", "from Ann ", "in ", "in Ann ", "in a ", "to ", "at ", "at A ", "on ", "on Friday ", "Friday ",
    "next ", "next Friday ", "tomorrow ", "the 14th ", "on the 14th ", "10 May ", "May 10 ", "birthday ", "my birthday is 10 ", "turning 5 on ", "in two ",
    "start ", "start as a ", "started a as a ", "as a a at A", "promoted to ", "put my ", "put my old ", "put my old a ", "no a for me ", "a for me ", "remember ",
    "remember that my ", "please ", "please remember ", "don't forget ", "my a is ", "my favourite ", "my favourite a is ", "favourite a ", "what's your a ",
    "what is your favourite ", "what is the a ", "what do you do ", "names of the ", "a called ", "do you ", "do you have ", "are you a ", "you are ", "you are a ",
    "you are so ", "you're so very ", "you so ", "are you ", "u r ", "i feel ", "i hate ", "i just love ", "traffic ", "the moon ", "imagine ", "let's ", "let's say ",
    "you are the ", "I am the a and ", "I am the a and I am the ", "are the ", "had ", "used to ", "used to a ", "do not ", "do not a ", "not ", "never ", "any more ",
    ", any more", "no longer ", "switched from ", "switched from a to ", "sold my ", "sold my a and ", "quit my job at ", "broke up with my ", "broke up with my a, ",
    "play ", "speak ", "speak a English ", "English ", "love a, ", "like a and ", "learning ", "study a at ", "work a shifts at ", "work ", "got ", "have got a ",
    "have a a exam ", "have an a a a ", "exam ", "diabetes ", "have a diabetes ", "am a student ", "student ", "ignore ", "ignore all ", "forget the ", "system ",
    "thanks ", "thank you ", "thank you. ", "take care ", "have a good day ", "is there anything else ", "you are most welcome ", "sorry ", "boss said ", "i said ",
    "friend a said ", "miss you ", "love you ", "can't stop ", "can't stop a ", "feel so ", "kiss ", "hands ", "hands a neck", "lips a ", "naked ", "sex ", "am 5 ",
    "5 years ", "step ", "his ", "fuck ", "suck", "strip ", "take my ", "the virgin ", "what the ", "where ", "tell me ", "can you ", "which model of ", "is a a ",
    "You are ", "You are *", "You are \t", "Name:", "/slow ", "works ", "does not work ", "plan ", "next a", "decid", "promis", "yesterday ", "of course ", "usr_",
)  # fmt: skip


def texts(length: int = MESSAGE) -> Iterator[tuple[str, str]]:
    """(what it is, the text), each exactly `length` characters long."""
    for unit in (*SIGNS, *LETTERS, *ALTERNATIONS, *PHRASES):
        yield f"{_named(unit)} over and over", _run(unit, length)
    for space in SPACES:
        yield f"only {_named(space)}", _run(space, length)
    for space in ("\t", "\u00a0", " ", "\u200b", "\n", "\u3000"):
        yield f"{_named(space)} within a sentence", _within("I live in", space, "Leeds and my name is Ann", length)
        yield f"{_named(space)} with commas", _run(f",{space}{space}a", length)
    for opener in ("my name is ", "*", '"', "hey ", "my sister ", "```json\n"):
        for run in ("\t", "\n", "a", "!", "*", "so "):
            yield f"{_named(opener)}, then {_named(run)}", _within(opener, run, "x.", length)
    for word in (
        "hah",
        "heyy",
        "hmm",
        "umm",
        "noo",
        "loll",
        "xx",
        "soo",
        "hii",
        "byee",
        "lmao",
        "wow",
        "1",
        "a-",
        "it's",
    ):
        yield f"{word} drawn out", _within(word, word[-1], "?", length)
    yield f"{_named('10 May 1999 ')} and every other date", _dates(length)
    yield from _mixtures(length)


def _mixtures(length: int) -> Iterator[tuple[str, str]]:
    chance = random.Random(20250101)
    pieces = (*SIGNS, *LETTERS, *ALTERNATIONS, *PHRASES, *SPACES)
    for number in range(30):
        some = chance.sample(pieces, 2 + number % 7)
        text = "".join(chance.choices(some, k=length))
        yield f"mixture {number}", text[:length]


def _dates(length: int) -> str:
    """Every month, many years, all days."""
    months = "january february march, april may, june july august september october november december "
    years = " ".join(str(year) for year in range(1950, 2050))
    return _run(f"{months}{years} {' '.join(map(str, range(1, 32)))} ", length)


def _run(unit: str, length: int) -> str:
    return (unit * (length // len(unit) + 1))[:length]


def _within(before: str, unit: str, after: str, length: int) -> str:
    return before + _run(unit, length - len(before) - len(after)) + after


def _named(unit: str) -> str:
    return repr(unit) if unit.isprintable() or len(unit) > 1 else unicodedata.name(unit, f"U+{ord(unit):04X}")
