"""The six starter characters: one TOML file and one avatar each. The file's name is the slug, its keys are Persona's fields."""

import re
import tomllib
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from everkin.domain.character import NsfwPolicy, Persona, Sampling

STARTERS = ("mira", "ebo", "ottilie", "tolliver", "tala", "wren")
"""In the order a gallery shows them."""

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def load_starters() -> tuple[tuple[str, Persona], ...]:
    """(slug, persona) of each, in gallery order. A file that does not fit Persona is a TypeError: a mistake of ours."""
    return tuple((slug, _persona(tomllib.loads((_here() / f"{slug}.toml").read_text("utf-8")))) for slug in STARTERS)


def avatar(slug: str) -> bytes | None:
    """The SVG of a starter's portrait; None for any name that has none. Safe to call with text from outside."""
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
    """TOML's lists become tuples, and the blanks that frame a multi-line text go."""
    if isinstance(value, list):
        return tuple(_settled(each) for each in value)
    return value.strip() if isinstance(value, str) else value
