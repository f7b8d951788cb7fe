"""How far a scene may go: the strictest card decides, and the age gate before any card."""

from everkin.context.persona import intimacy
from everkin.domain.character import NsfwPolicy

BLOCK, FADE, ALLOW = NsfwPolicy.BLOCK, NsfwPolicy.FADE, NsfwPolicy.ALLOW


def test_of_several_characters_the_strictest_decides() -> None:
    assert intimacy([ALLOW, FADE], adult=True) == intimacy([FADE], adult=True) != intimacy([ALLOW], adult=True)
    assert intimacy([ALLOW, BLOCK, FADE], adult=True) == intimacy([BLOCK], adult=True)


def test_who_is_not_known_to_be_an_adult_is_told_what_everybody_may_hear() -> None:
    for policies in ([ALLOW], [FADE], [ALLOW, FADE], []):
        assert intimacy(policies, adult=False) == intimacy([BLOCK], adult=True)
