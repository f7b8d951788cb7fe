"""Days named from where one stands ("tomorrow", "next Friday") as dates. Pure; by the UTC day of the message.

"Friday", "on Friday", "this Friday" is the next one to come; "next Friday" is the one in the week after this (weeks begin on
Monday); "the 14th" is the next 14th.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from everkin.domain.ids import Millis

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_DAY = "|".join(_DAYS)
MONTH = "|".join(f"{month}|{month[:3]}" if month != "may" else "may" for month in MONTHS)
_RELATIVE = re.compile(
    rf"\b(?:(?P<soon>day after tomorrow|tomorrow|tonight|today|yesterday)|(?P<which>next|this|last|on|every)?\s*\b(?P<day>{_DAY})\b"
    rf"|(?P<span>next|this|last) (?P<unit>week|month|year|weekend)|on the (?P<nth>\d{{1,2}})(?:st|nd|rd|th)\b(?! of)(?! (?:{MONTH})))",
    re.I,
)
WHEN = re.compile(
    rf"{_RELATIVE.pattern}|\b(?:{MONTH})\b|\b20\d\d\b|\bin (?:a|\d+|two|three) (?:days?|weeks?|months?)\b", re.I
)
"""Something that says when."""

_SOON = {"today": 0, "tonight": 0, "tomorrow": 1, "yesterday": -1, "day after tomorrow": 2}


def day_of(at: Millis) -> date:
    return datetime.fromtimestamp(at / 1000, UTC).date()


def spelled(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1].title()} {day.year}"


def resolved(text: str, at: Millis) -> str:
    """`text` with each such day followed by its date: "interview on Friday (13 March 2026)"."""
    today = day_of(at)
    return _RELATIVE.sub(lambda found: _with_date(found, today), text)


def _with_date(found: re.Match[str], today: date) -> str:
    said = found.group().strip()
    space = found.group()[: len(found.group()) - len(found.group().lstrip())]
    date_of: Callable[[re.Match[str], date], str] = _of_day if found["day"] else _of_span if found["span"] else _of_soon
    when = date_of(found, today)
    return f"{space}{said} ({when})" if when else found.group()


def _of_soon(found: re.Match[str], today: date) -> str:
    if found["nth"]:
        return _of_nth(int(found["nth"]), today)
    return spelled(today + timedelta(days=_SOON[found["soon"].lower()]))


def _of_nth(nth: int, today: date) -> str:
    day = today
    for _ in range(62):
        if day.day == nth:
            return spelled(day)
        day += timedelta(days=1)
    return ""


def _of_day(found: re.Match[str], today: date) -> str:
    which, wanted = (found["which"] or "").lower(), _DAYS.index(found["day"].lower())
    if which == "every":
        return ""
    monday = today - timedelta(days=today.weekday())
    if which == "next":
        return spelled(monday + timedelta(days=7 + wanted))
    if which == "last":
        return spelled(today - timedelta(days=(today.weekday() - wanted) % 7 or 7))
    return spelled(today + timedelta(days=(wanted - today.weekday()) % 7 or 7))


def _of_span(found: re.Match[str], today: date) -> str:
    step = {"next": 1, "this": 0, "last": -1}[found["span"].lower()]
    unit = found["unit"].lower()
    if unit == "year":
        return str(today.year + step)
    if unit == "month":
        months = today.year * 12 + today.month - 1 + step
        return f"{MONTHS[months % 12].title()} {months // 12}"
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=step)
    return spelled(monday + timedelta(days=5)) if unit == "weekend" else f"week of {spelled(monday)}"
