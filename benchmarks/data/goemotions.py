"""GoEmotions (58 000 Reddit comments, 28 labels, Apache-2.0), mapped to our five feelings.

The map follows the data set's own grouping of its labels into basic emotions: joy -> happy, anger and disgust -> angry, sadness
and fear -> sad, surprise and neutral -> neutral. Two departures: love leaves joy and becomes flirty, and it does so only where
the comment speaks to the reader or of a sweetheart (everkin.analysis.signs.is_aimed); "I love this band" stays happy. With
`all_love` True the second departure is not made.

Of a comment with several labels, neutral gives way to any feeling; comments that still mean two feelings are left out.
"""

from dataclasses import dataclass
from pathlib import Path

from everkin.analysis.signs import Feeling, is_aimed

MAP = {
    Feeling.HAPPY: "admiration amusement approval caring desire excitement gratitude joy optimism pride relief",
    Feeling.FLIRTY: "love",
    Feeling.SAD: "sadness disappointment embarrassment grief remorse fear nervousness",
    Feeling.ANGRY: "anger annoyance disapproval disgust",
    Feeling.NEUTRAL: "neutral confusion curiosity realization surprise",
}
_FEELING_OF = {label: feeling for feeling, labels in MAP.items() for label in labels.split()}


@dataclass(frozen=True, slots=True)
class Comment:
    text: str
    labels: frozenset[str]
    feeling: Feeling | None
    """None: the labels mean two feelings."""


def read(folder: Path, part: str, *, all_love: bool = False) -> list[Comment]:
    """`part` is train, dev or test. Raises FileNotFoundError."""
    names = (folder / "labels.txt").read_text("utf-8").split()
    comments = []
    for line in (folder / f"{part}.tsv").read_text("utf-8").split("\n"):
        if line:
            text, numbers, _ = line.split("\t")
            labels = frozenset(names[int(number)] for number in numbers.split(","))
            comments.append(Comment(text, labels, _feeling(text, labels, all_love)))
    return comments


def clear(comments: list[Comment]) -> list[tuple[str, Feeling]]:
    """Those that mean one feeling."""
    return [(comment.text, comment.feeling) for comment in comments if comment.feeling is not None]


def shares(comment: Comment) -> dict[Feeling, float]:
    """Each feeling the labels mean, in equal parts; neutral only alone. All love is flirty."""
    felt = {_FEELING_OF[label] for label in comment.labels}
    felt = felt - {Feeling.NEUTRAL} or felt
    return dict.fromkeys(felt, 1 / len(felt))


def _feeling(text: str, labels: frozenset[str], all_love: bool) -> Feeling | None:
    felt = {_FEELING_OF[label] for label in labels}
    if Feeling.FLIRTY in felt and not all_love and not is_aimed(text):
        felt = felt - {Feeling.FLIRTY} | {Feeling.HAPPY}
    if len(felt) > 1:
        felt.discard(Feeling.NEUTRAL)
    return felt.pop() if len(felt) == 1 else None
