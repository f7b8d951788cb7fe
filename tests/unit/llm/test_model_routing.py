"""Which model answers, and why; above all, who is never sent to the uncensored one."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from everkin.domain.character import NsfwPolicy
from everkin.llm.registry.routing import Route, Rules, Situation, route

RULES = Rules(fast="groq", long="openai", uncensored="venice")
WILLING = Situation(nsfw=8, policy=NsfwPolicy.ALLOW, adult=True)

situations = st.builds(
    Situation,
    st.integers(0, 2000),
    st.integers(0, 500),
    st.integers(0, 10),
    st.sampled_from(NsfwPolicy),
    st.booleans(),
    st.sampled_from(["", "ollama"]),
)


def test_everything_ordinary_goes_to_the_fast_model() -> None:
    assert route(RULES, Situation(characters=200, messages=40)) == Route("groq", "fast")


def test_long_messages_and_long_conversations_go_to_the_long_one() -> None:
    assert route(RULES, Situation(characters=201)) == Route("openai", "long message")
    assert route(RULES, Situation(messages=41)) == Route("openai", "long conversation")
    assert route(replace(RULES, long=""), Situation(characters=5000)) == Route("groq", "fast")


def test_the_characters_wish_goes_before_length() -> None:
    assert route(RULES, Situation(characters=5000, preferred="ollama")) == Route("ollama", "preferred")


def test_policy_age_and_the_words_must_all_agree() -> None:
    assert route(RULES, WILLING) == Route("venice", "uncensored")
    for less in (
        {"adult": False},
        {"policy": NsfwPolicy.BLOCK},
        {"policy": NsfwPolicy.FADE},
        {"nsfw": 2},
    ):
        assert route(RULES, replace(WILLING, **less)).reason == "fast"  # type: ignore[arg-type]


@given(situations)
def test_a_minor_or_a_blocking_character_is_never_routed_to_it(situation: Situation) -> None:
    chosen = route(RULES, situation)
    if not situation.adult or situation.policy is not NsfwPolicy.ALLOW or situation.nsfw < 6:
        assert chosen.model != "venice"
    assert chosen.model
    assert chosen.reason
