"""The reader of server-sent events gives the same events however the bytes were cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everkin.domain.errors import ModelBroken
from everkin.llm.providers.sse import SseReader

ENDINGS = ("\n", "\r", "\r\n")

lines = st.one_of(
    st.text(alphabet="añ€😀 :x", max_size=6).map(lambda text: f"data: {text}"),
    st.text(alphabet="añ€😀x", min_size=1, max_size=6).map(lambda text: f"data:{text}"),
    st.sampled_from(["", "", ": comment", ":", "event: error", "id: 7", "retry: 10", "data", "nonsense", "data : x"]),
)


@st.composite
def bodies(draw: st.DrawFn) -> tuple[list[str], bytes]:
    """The lines of a body, and its bytes with a line ending of its own each."""
    body = draw(st.lists(lines, max_size=20))
    text = "".join(line + draw(st.sampled_from(ENDINGS)) for line in body)
    bom = draw(st.sampled_from(["", "\ufeff"]))
    return body, (bom + text).encode()


def _cut(body: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(body) + 1) for cut in cuts), len(body)]
    return [body[begin:end] for begin, end in pairwise(edges)]


def _read(pieces: list[bytes]) -> list[bytes]:
    reader = SseReader()
    return [event for piece in pieces for event in reader.feed(piece)] + reader.end()


@given(bodies(), st.lists(st.integers(0, 10_000), max_size=30))
def test_any_cutting_gives_the_same_events(body: tuple[list[str], bytes], cuts: list[int]) -> None:
    assert _read(_cut(body[1], cuts)) == _read([body[1]])


@given(st.lists(lines, max_size=20), st.sampled_from(["\n", "\r\n"]))
def test_events_are_the_data_lines_between_empty_ones(body: list[str], ending: str) -> None:
    expected: list[bytes] = []
    data: list[str] = []
    for line in [*body, ""]:
        if line == "data":
            data.append("")
        elif line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
        elif not line:
            if text := "\n".join(data):
                expected.append(text.encode())
            data = []
    assert _read(["".join(line + ending for line in body).encode()]) == expected


def test_an_event_comes_as_soon_as_its_blank_line_is_there() -> None:
    reader = SseReader()
    assert reader.feed(b"data: one\r") == []
    assert reader.feed(b"\r") == [b"one"]
    assert reader.feed(b"\ndata: two\n\n") == [b"two"]
    assert reader.end() == []


@pytest.mark.parametrize("piece", [b"x" * 1000, b"data: " + b"x" * 1000, b"data: xxxxxxxx\n"])
def test_a_gigantic_event_is_refused_before_it_is_complete(piece: bytes) -> None:
    reader = SseReader(limit=4096)
    with pytest.raises(ModelBroken):
        _ = [reader.feed(piece) for _ in range(1000)]
