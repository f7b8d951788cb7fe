"""Everkin: a self-hosted home for AI companions.

The house, in the order a message travels (docs/map.md tells it file by file):

    doors/     parse, recognise the caller, call App, render
    turn/      the story: one user message, one reply
    context/   what the model is shown (pure)
    model/     the gateway to language models
    trust/     accounts and tokens
    watch/     health
    storage/   rows and keys
    domain/    ground: frozen data and words      kit/  small generic pieces
    settings/__init__.py, wiring/app.py, app.py: every knob, every part, and what a door may ask for
"""

from typing import TYPE_CHECKING, Any

from everkin.domain.version import VERSION as __version__

if TYPE_CHECKING:
    from everkin.embed import Everkin
    from everkin.settings import Settings

__all__ = ["Everkin", "Settings", "__version__"]


def __getattr__(name: str) -> Any:
    """`Everkin` and `Settings` load what they need when they are first asked for: importing the package costs nothing."""
    if name == "Everkin":
        from everkin.embed import Everkin

        return Everkin
    if name == "Settings":
        from everkin.settings import Settings

        return Settings
    raise AttributeError(name)
