"""Candidates for a query and the features they are ranked by (pure, numpy).

Scores of words and of meaning are relative to the other memories of the same pair (a share of the best, a distance from
the mean), so that weights suit a week of conversation as well as years of it. A message also has features of the
messages before and after it in the same session, of the whole session, of its speaker and of its time.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from everkin.memory.recall.query import Query
from everkin.memory.recall.table import Table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

CANDIDATES = 300
"""Rows with the best rough score that are ranked."""
WITH_NEIGHBOURS = 60
"""For this many of the best rows, the messages two before to two after are candidates as well."""

BESIDE = 0.6
"""Weight of a neighbour in the common meaning of three messages."""

DAY = 86_400_000.0
"""Milliseconds in a day."""
SINCE_SAID = 10.0
"""Days after an event during which messages may still report it."""

FEATURES = (
    "words", "words_and_names", "words_share", "words_covered", "words_rank",
    "words_before", "words_after", "words_2_before", "words_2_after", "covered_before",
    "meaning", "meaning_rank", "meaning_before", "meaning_after", "meaning_2_before", "meaning_2_after", "meaning_around",
    "answers_question", "answers_words", "answers_meaning", "asks",
    "sitting_covered", "sitting_meaning", "sitting_best",
    "speaker", "speaker_answers", "other_speaker_meaning",
    "month", "year", "day", "when_and_time", "count_and_number", "name_and_name", "name", "length",
    "window_words", "window_meaning",
    "recent", "important", "reinforced", "pinned", "fact", "summary",
)  # fmt: skip
"""Names of the features, in the order of the columns of `Candidates.table`."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The rows to rank, with their features."""

    rows: "NDArray[np.intp]"
    """Row numbers in the pair's table, ascending."""
    table: "Floats"
    """Features, of shape (rows, features)."""
    closeness: "Floats"
    """Absolute cosine of each row; 0 without a vector."""
    covered: "Floats"
    """Share of the query's words that each row contains, weighted by idf."""
    told: "Floats"
    """Sum of the idf of those words. With `covered` and `closeness` it decides whether a row is relevant at all."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of all rows of a table.

    Shares are of the best row that may be recalled; meanings are standardised over those rows.
    """

    words: "Floats"
    """BM25 of the query's words, as a share of the best."""
    words_and_names: "Floats"
    """The same with the names of participants."""
    covered: "Floats"
    """Share of the query's words in each row, weighted by idf."""
    window_words: "Floats"
    """BM25 of the words in the lines before the message, as a share of the best."""
    window_covered: "Floats"
    """Share of those words, weighted by idf; 0 when the message does not refer to those lines."""
    window_telling: float
    """Sum of the weighted idf of the words in those lines."""
    telling: float
    """Sum of the idf of the query's words; 0 when no row contains any of them."""
    rarest: float
    """The idf of a word that only one text contains."""
    cosine: "Floats | None"
    """Cosine of each row with the query, NaN without a vector; None when vectors are not compared."""
    window_cosine: "Floats | None"
    """Cosine of each row with the query and the lines before it; None when vectors are not compared."""
    meaning: "Floats"
    """`cosine`, standardised; 0 when vectors are not compared."""
    window_meaning: "Floats"
    """`window_cosine`, standardised; 0 when vectors are not compared."""


def scores(
    table: Table, query: Query, allowed: "NDArray[np.bool_]", cosine: "Floats | None", window: "Floats | None"
) -> Scores:
    """Score all rows of the table.

    `cosine` is of each row with `query.said`, `window` with `query.context`; NaN where a row has no vector.
    """
    import numpy as np

    blank = np.zeros(len(table), np.float32)
    words, covered = table.lexicon.score((word, 1.0) for word in query.words)
    full = words if query.all_words == query.words else table.lexicon.score((w, 1.0) for w in query.all_words)[0]
    around, around_covered = table.lexicon.score(query.around) if query.around else (blank, blank)
    return Scores(
        words=_share(words, allowed),
        words_and_names=_share(full, allowed),
        covered=covered,
        window_words=_share(around, allowed),
        window_covered=around_covered if query.context else blank,
        window_telling=sum(table.lexicon.idf(word) * weight for word, weight in query.around),
        telling=sum(table.lexicon.idf(word) for word in query.words) * float(words.max(initial=0.0) > 0),
        rarest=table.lexicon.rarest(),
        cosine=cosine,
        window_cosine=window,
        meaning=blank if cosine is None else _standard(cosine, allowed),
        window_meaning=blank if window is None else _standard(window, allowed),
    )


def candidates(table: Table, query: Query, found: Scores, allowed: "NDArray[np.bool_]", now: float) -> Candidates:
    """Choose candidates and compute their features. `now` is in Unix milliseconds."""
    import numpy as np

    rows, rough = _chosen(table, found, allowed)
    near = {name: _beside(table, rows, steps) for name, steps in _STEPS.items()}
    covered = np.where(allowed, found.covered, 0)
    asks = table.column("asks")
    before_asks = _at(asks, near["before"])
    speaker = _speaker(table, query, rows)
    flags = {name: table.column(name)[rows].astype(np.float32) for name in ("time", "number", "name")}
    words, meaning = found.words, found.meaning
    sitting = table.column("session")[rows]
    columns: dict[str, Any] = {
        "words": words[rows],
        "words_and_names": found.words_and_names[rows],
        "words_share": found.words[rows] * min(1.0, found.telling / 12.0),
        "words_covered": covered[rows],
        "words_rank": _rank(words[rows]) * (words[rows] > 0),
        "covered_before": _at(covered, near["before"]),
        "meaning": meaning[rows],
        "meaning_rank": _rank(meaning[rows]) if found.cosine is not None else 0.0,
        "meaning_around": _around(table, rows, near, found),
        "answers_question": before_asks,
        "answers_words": before_asks * _at(words, near["before"]),
        "answers_meaning": before_asks * _at(meaning, near["before"]),
        "asks": asks[rows],
        "sitting_covered": _sitting_covered(table, query)[sitting],
        "sitting_meaning": _sitting_meaning(table, meaning, allowed)[sitting] if found.cosine is not None else 0.0,
        "sitting_best": _sitting_best(table, rough, rows),
        "speaker": speaker,
        "speaker_answers": speaker * before_asks,
        "other_speaker_meaning": (1 - speaker) * bool(query.speakers) * meaning[rows],
        **_times(table, query, rows),
        "when_and_time": query.when * flags["time"],
        "count_and_number": query.counts * flags["number"],
        "name_and_name": query.names * flags["name"],
        "name": flags["name"],
        "length": np.log1p(table.column("length")[rows]),
        "window_words": found.window_words[rows],
        "window_meaning": found.window_meaning[rows],
        "recent": np.exp2(-np.maximum(now - table.column("at")[rows], 0.0) / (30 * DAY)),
        "important": table.column("importance")[rows] - 0.5,
        "reinforced": np.log1p(table.column("reinforcements")[rows]),
        **{name: table.column(name)[rows] for name in ("pinned", "fact", "summary")},
    }
    for name, step in near.items():
        columns[f"words_{name}"], columns[f"meaning_{name}"] = _at(words, step), _at(meaning, step)
    features = np.zeros((len(rows), len(FEATURES)), np.float32)
    for place, name in enumerate(FEATURES):
        features[:, place] = columns[name]
    told = np.maximum(covered[rows] * found.telling, found.window_covered[rows] * found.window_telling)
    share = np.maximum(covered[rows], found.window_covered[rows])
    return Candidates(rows, features, _closeness(found, rows), share, told)


def _closeness(found: Scores, rows: "NDArray[np.intp]") -> "Floats":
    import numpy as np

    close = np.zeros(len(rows), np.float32)
    for cosine in (found.cosine, found.window_cosine):
        if cosine is not None:
            close = np.maximum(close, np.nan_to_num(cosine[rows]))
    return close


_STEPS = {"before": ("before",), "after": ("after",), "2_before": ("before", "before"), "2_after": ("after", "after")}


def _chosen(table: Table, found: Scores, allowed: "NDArray[np.bool_]") -> "tuple[NDArray[np.intp], Floats]":
    """Return the rows of the candidates, ascending, and the rough score of all rows."""
    import numpy as np

    rough = found.words * 3 + found.meaning + found.window_words + 0.5 * found.window_meaning
    rough = np.where(allowed, rough, -np.inf).astype(np.float32)
    number = min(CANDIDATES, int(allowed.sum()))
    best = np.argpartition(-rough, number - 1)[:number] if number < len(rough) else np.arange(len(rough))
    best = best[np.argsort(-rough[best], kind="stable")]
    top = best[:WITH_NEIGHBOURS]
    beside = [_beside(table, top, steps) for steps in _STEPS.values()]
    rows = np.unique(np.concatenate([best, *beside]))
    rows = rows[rows >= 0]
    return rows[allowed[rows]], rough


def _beside(table: Table, rows: "NDArray[np.intp]", steps: tuple[str, ...]) -> "NDArray[np.intp]":
    import numpy as np

    for step in steps:
        rows = np.where(rows >= 0, table.column(step)[rows], -1)
    return rows


def _at(values: "NDArray[Any]", rows: "NDArray[np.intp]") -> "Floats":
    """Return the values at these rows; 0 where a row is -1."""
    import numpy as np

    found: Floats = np.where(rows >= 0, values[rows], 0).astype(np.float32)
    return found


def _share(values: "Floats", allowed: "NDArray[np.bool_]") -> "Floats":
    """Return the values as a share of the best allowed row."""
    import numpy as np

    inside = np.where(allowed, values, 0)
    share: Floats = (inside / (inside.max(initial=0.0) + 1e-6)).astype(np.float32)
    return share


def _standard(values: "Floats", allowed: "NDArray[np.bool_]") -> "Floats":
    """Return distances from the mean in standard deviations; 0 for rows that are unknown or not allowed."""
    import numpy as np

    good = allowed & ~np.isnan(values)
    if not good.any():
        return np.zeros(len(values), np.float32)
    inside = values[good]
    result: Floats = np.where(good, (values - inside.mean()) / (inside.std() + 1e-3), 0).astype(np.float32)
    return result


def _rank(values: "Floats") -> "Floats":
    import numpy as np

    ranks = np.empty(len(values), np.float32)
    ranks[np.argsort(-values, kind="stable")] = np.arange(len(values))
    result: Floats = (1 / (1 + ranks / 5)).astype(np.float32)
    return result


def _around(
    table: Table, rows: "NDArray[np.intp]", near: "dict[str, NDArray[np.intp]]", found: Scores
) -> "Floats | float":
    """Return the closeness of the query to each message and its two neighbours together, on the scale of `meaning`."""
    import numpy as np

    if found.cosine is None or table.matrix is None:
        return 0.0
    matrix = table.matrix.rows
    own, before, after = (_vectors(matrix, each) for each in (rows, near["before"], near["after"]))
    length = np.linalg.norm(own + BESIDE * (before + after), axis=1) + 1e-6
    meaning = found.meaning
    together: Floats = (meaning[rows] + BESIDE * (_at(meaning, near["before"]) + _at(meaning, near["after"]))) / length
    return together


def _vectors(matrix: "Floats", rows: "NDArray[np.intp]") -> "Floats":
    vectors = matrix[rows]
    vectors[rows < 0] = 0
    return vectors


def _sitting_covered(table: Table, query: Query) -> "Floats":
    """Return for every session the share of the query's words that occur in it, weighted by idf."""
    import numpy as np

    sessions, whole = table.column("session"), 1e-6
    total = np.zeros(table.sessions, np.float32)
    for word in query.words:
        idf = table.lexicon.idf(word)
        whole += idf
        having = np.zeros(table.sessions, bool)
        having[sessions[table.lexicon.rows(word)]] = True
        total += np.float32(idf) * having
    return total / np.float32(whole)


def _sitting_meaning(table: Table, meaning: "Floats", allowed: "NDArray[np.bool_]") -> "Floats":
    """Return the mean closeness of each session's messages, standardised over the sessions."""
    import numpy as np

    sessions = table.column("session")
    number = np.bincount(sessions[allowed], minlength=table.sessions)
    total = np.bincount(sessions[allowed], weights=meaning[allowed], minlength=table.sessions)
    mean = total / np.maximum(number, 1)
    there = number > 0
    spread: Floats = np.where(there, (mean - mean[there].mean()) / (mean[there].std() + 1e-3), 0).astype(np.float32)
    return spread


def _sitting_best(table: Table, rough: "Floats", rows: "NDArray[np.intp]") -> "Floats":
    """Return the best rough score in each row's session, as a share of the overall best."""
    import numpy as np

    sessions = table.column("session")[rows]
    best = np.zeros(table.sessions, np.float32)
    np.maximum.at(best, sessions, rough[rows])
    result: Floats = best[sessions] / np.float32(best.max(initial=0.0) + 1e-6)
    return result


def _speaker(table: Table, query: Query, rows: "NDArray[np.intp]") -> "Floats":
    import numpy as np

    about = [number for name, number in table.speakers.items() if name in query.speakers]
    said: Floats = np.isin(table.column("speaker")[rows], about).astype(np.float32)
    return said


def _times(table: Table, query: Query, rows: "NDArray[np.intp]") -> "dict[str, Floats]":
    import numpy as np

    blank = np.zeros(len(rows), np.float32)
    times = {"month": blank, "year": blank, "day": blank}
    if not (query.months or query.years or query.spans):
        return times
    at = table.column("at")[rows]
    moments = at.astype("datetime64[ms]")
    years = moments.astype("datetime64[Y]").astype(int) + 1970
    months = moments.astype("datetime64[M]").astype(int) % 12 + 1
    if query.years:
        times["year"] = np.isin(years, list(query.years)).astype(np.float32)
    if query.months:
        times["month"] = np.isin(months, list(query.months)) * (times["year"] if query.years else np.ones_like(blank))
    for span in query.spans:
        later = np.maximum(at - span.end, 0) / DAY
        inside = (at >= span.start - DAY / 2) & (later < (SINCE_SAID if span.exact else 1))
        times["day"] = np.maximum(times["day"], np.where(inside, 1 - later / (SINCE_SAID + 2), 0)).astype(np.float32)
    return times
