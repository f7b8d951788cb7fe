"""The six starter characters: one TOML file and one avatar each.

The file's name is the slug, its keys are the fields of Persona.
"""

import re
import tomllib
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from everkin.domain.character import NsfwPolicy, Persona, Sampling

STARTERS = ("mira", "ebo", "ottilie", "tolliver", "tala", "wren")
"""Slugs, in gallery order."""

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def load_starters() -> tuple[tuple[str, Persona], ...]:
    """Return (slug, persona) of each starter, in gallery order.

    Raises TypeError for a file that does not fit Persona, which is a bug in Everkin.
    """
    return tuple((slug, _persona(tomllib.loads((_here() / f"{slug}.toml").read_text("utf-8")))) for slug in STARTERS)


def avatar(slug: str) -> bytes | None:
    """Return a starter's avatar as SVG; None for any other name. Safe to call with untrusted text."""
    if _SLUG.fullmatch(slug) is None:
        return None
    file = _here() / "avatars" / f"{slug}.svg"
    return file.read_bytes() if file.is_file() else None


def _here() -> Traversable:
    return files(__name__)


def _persona(document: dict[str, Any]) -> Persona:
    fields = {key: _settled(value) for key, value in document.items()}
    fields["nsfw_policy"] = NsfwPolicy(document["nsfw_policy"])
    fields["sampling"] = Sampling(**document.get("sampling", {}))
    return Persona(**fields)


def _settled(value: Any) -> Any:
    """Return a TOML value with lists as tuples and texts without surrounding white space."""
    if isinstance(value, list):
        return tuple(_settled(each) for each in value)
    return value.strip() if isinstance(value, str) else value
