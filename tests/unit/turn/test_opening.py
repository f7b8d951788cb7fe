import pytest

from everkin.turn.opening import Opening


def told(name: str, *pieces: str) -> list[str]:
    opening = Opening(name)
    return [text for text in (*(opening.take(piece) for piece in pieces), opening.rest()) if text]


@pytest.mark.parametrize(
    ("pieces", "heard"),
    [
        (("Hello", " there"), ["Hello", " there"]),
        (("  \n", " Hello"), ["Hello"]),
        (("Mi", "ra", ":", " The lamp", " is lit"), ["The lamp", " is lit"]),
        (("Mira: ", "Mira: no"), ["Mira: no"]),
        (("Mi", "nd the step"), ["Mind the step"]),
        (("Mira",), ["Mira"]),
        (("Mira", " smiles"), ["Mira smiles"]),
        (("Mira:",), []),
    ],
)
def test_only_a_leading_label_is_left_out(pieces: tuple[str, ...], heard: list[str]) -> None:
    assert told("Mira", *pieces) == heard


def test_what_is_surely_speech_is_told_at_once() -> None:
    assert Opening("Mira").take("G") == "G"
