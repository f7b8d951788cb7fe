"""Clients of Chroma: in this process over a folder, or of a server. The package is imported when a client is opened."""

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
    """Return a function that opens a folder.

    It raises DamagedError, or any error that a damaged folder causes in Chroma. File sizes are checked and one vector
    of each collection is read, because a search in a damaged file finds no items or ends the process.
    """

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
    """Drop Chroma's cached state of a folder. Chroma caches it by path, even after a failed attempt to open it, and
    would return it again.
    """
    shared = importlib.import_module("chromadb.api.shared_system_client").SharedSystemClient
    system = shared._identifier_to_system.pop(str(folder), None)
    shared._identifier_to_refcount.pop(str(folder), None)
    if system is not None:
        with contextlib.suppress(AttributeError):  # it was not fully started
            system.stop()


def of_server(url: str, seconds: float) -> Open:
    """Return a function that connects to `url`, such as http://host:8000. Raises StartError for an invalid address."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise StartError("The address of a Chroma server looks like http://127.0.0.1:8000.")

    def connect() -> Any:
        secure = parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        client = driver().HttpClient(host=parts.hostname, port=port, ssl=secure, settings=_settings())
        # By default Chroma waits without limit, and has no setting for a timeout.
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
