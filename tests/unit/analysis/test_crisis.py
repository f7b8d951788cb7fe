"""Whether somebody is in danger: what is said outright and what is veiled, in disguise, in four languages; and look-alikes."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from everkin.analysis.crisis import LANGUAGES, Crisis, crisis
from everkin.analysis.crisis_rules import Rule, once, read_rules
from tests.cpu_time import cpu_ms
from tests.hostile_texts import MESSAGE, texts

LABELLED = Path(__file__).parents[2] / "data/crisis.tsv"

RULES = [rule for language in LANGUAGES for rule in read_rules(language) if rule.section != "figures"]


def labelled(*kinds: str) -> Iterator[tuple[str, str]]:
    for line in LABELLED.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            kind, language, text = line.split("\t")
            if kind in kinds:
                yield language, text


@pytest.mark.parametrize("language", sorted({language for language, _ in labelled("explicit", "veiled")}))
def test_who_is_in_danger_is_noticed(language: str) -> None:
    missed = [text for each, text in labelled("explicit", "veiled") if each == language and crisis(text) is None]
    assert not missed


def test_look_alikes_are_left_alone_but_for_a_few() -> None:
    texts = [text for _, text in labelled("lookalike")]
    taken = [text for text in texts if crisis(text) is not None]
    assert len(taken) <= len(texts) * 0.02, taken


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I have a bottle of pills in front of me and nobody is home", Crisis.PLAN),
        ("I want to kill myself tonight.", Crisis.INTENT),
        ("I cut my arms again", Crisis.SELF_HARM),
        ("everybody would be better off without me", Crisis.DESPAIR),
        ("my brother says he is going to kill himself", Crisis.OTHER),
        ("in the news: a man killed himself in 1921", None),
        ("", None),
        ("?!…", None),
        ("🙂", None),
    ],
)
def test_what_kind_it_is(text: str, kind: Crisis | None) -> None:
    assert crisis(text) is kind


@pytest.mark.parametrize(
    "text",
    [
        "I WANT TO KILL MYSELF",
        "i wanna kill my self",
        "i want to kil myslef",
        "i want to kiiiiill myself!!!",
        "i want to k i l l  m y s e l f",
        "i want to k.i.l.l myself",
        "i want to k1ll mys3lf",
        "i want to k*ll myself",
        "i want to ki\u200bll my\u00adself",
        "і wаnt tо kіll mуsеlf",
        "ｉ　ｗａｎｔ　ｔｏ　ｋｉｌｌ　ｍｙｓｅｌｆ",
        "𝐢 𝐰𝐚𝐧𝐭 𝐭𝐨 𝐤𝐢𝐥𝐥 𝐦𝐲𝐬𝐞𝐥𝐟",
        "k̶i̶l̶l̶ myself",
        "#killmyself",
        "killmyself",
        "I want to 💀",
        "i dont want to live",
        "I don’t want to live",
        "haha anyway I want to kill myself 😂 what's for dinner",
        "x " * 10_000 + "I want to kill myself",
    ],
)
def test_disguises_do_not_help(text: str) -> None:
    assert crisis(text) is not None


@settings(max_examples=6, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.text[:40])
def test_the_sieve_lets_through_all_that_a_rule_matches(rule: Rule, data: st.DataObject) -> None:
    match = rule.pattern.search(f" . {data.draw(st.from_regex(rule.pattern, fullmatch=True))} . ")
    assert match is None or rule.may_match(set(once(match[0]).split()))


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_can_be_asked_about(text: str) -> None:
    assert crisis(text) in (None, *Crisis)


def test_no_message_takes_long() -> None:
    """CPU time of whole messages, once the rules they touch are loaded."""
    pieces = (
        "i want to ",
        "no one would miss me if i ",
        "cut myself with a ",
        "ich will nicht mehr ",
        "i ",
        "k. ",
        "死",
    )
    read = dict(texts()) | {piece: (piece * MESSAGE)[:MESSAGE] for piece in pieces}
    for text in read.values():
        crisis(text)
    assert {name: ms for name, text in read.items() if (ms := cpu_ms(partial(crisis, text), 5)) > 15} == {}
