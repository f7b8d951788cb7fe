"""Everkin: a self-hosted runtime for AI companions.

The main packages, in the order in which a message passes them (docs/map.md describes them file by file):

    interfaces/     parse requests, authenticate the caller, call App, encode responses
    turn/           one user message and its reply
    context/        assembly of the prompt (pure)
    llm/            the gateway to language models
    storage/        database, cache and counters
    security/       accounts and tokens
    observability/  health, usage and metrics
    domain/         frozen data types          kit/  small generic modules
    settings/, wiring/app.py, app.py: the settings, the construction of all parts, the services interfaces may use
"""

from typing import TYPE_CHECKING, Any

from everkin.domain.version import VERSION as __version__

if TYPE_CHECKING:
    from everkin.embed import Everkin
    from everkin.settings import Settings

__all__ = ["Everkin", "Settings", "__version__"]


def __getattr__(name: str) -> Any:
    """Import `Everkin` and `Settings` at their first use, so that importing the package stays fast."""
    if name == "Everkin":
        from everkin.embed import Everkin

        return Everkin
    if name == "Settings":
        from everkin.settings import Settings

        return Settings
    raise AttributeError(name)
