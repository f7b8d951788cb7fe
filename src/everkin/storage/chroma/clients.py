"""Clients of Chroma: in this process over a folder, or of a server. The package is imported when one is opened."""

import contextlib
import importlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from everkin.domain.errors import StartError
from everkin.storage.chroma import disk

log = logging.getLogger("everkin.storage")

Open = Callable[[], Any]


def embedded(folder: Path) -> Open:
    """Raises DamagedError, or whatever a damaged folder makes Chroma raise: files are measured, and one vector of each collection
    is looked at, for a search in a damaged file finds nothing, or ends the process."""

    def open_folder() -> Any:
        chromadb = driver()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        disk.check(folder)
        client = chromadb.PersistentClient(str(folder), settings=_settings())
        for collection in client.list_collections():
            collection.peek(1)
        return client

    return open_folder


def release(folder: Path) -> None:
    """Chroma keeps what it opened by its path, also what it failed to open, and would hand it out again."""
    shared = importlib.import_module("chromadb.api.shared_system_client").SharedSystemClient
    system = shared._identifier_to_system.pop(str(folder), None)
    shared._identifier_to_refcount.pop(str(folder), None)
    if system is not None:
        with contextlib.suppress(AttributeError):  # it was never quite started
            system.stop()


def of_server(url: str, seconds: float) -> Open:
    """`url`: http://host:8000. StartError when it is no such address."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise StartError("The address of a Chroma server looks like http://127.0.0.1:8000.")

    def connect() -> Any:
        secure = parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        client = driver().HttpClient(host=parts.hostname, port=port, ssl=secure, settings=_settings())
        # Chroma waits for ever by itself, and offers no way to say otherwise.
        client._server._session.timeout = seconds
        return client

    return connect


def driver() -> Any:
    try:
        return importlib.import_module("chromadb")
    except ImportError as error:
        raise StartError("Chroma needs one more package: pip install 'everkin[chroma]'.") from error


def _settings() -> Any:
    return importlib.import_module("chromadb.config").Settings(anonymized_telemetry=False)
