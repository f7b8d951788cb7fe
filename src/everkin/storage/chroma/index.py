"""Dense search in Chroma: one collection per character, filtered by user with `where`. Implements VectorIndex
(memory/ports.py).

All data is also in the database. A damaged folder is moved aside and replaced by an empty one, which
memory/index_sync.py fills again.
"""

import asyncio
import hashlib
import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from everkin.domain.errors import StartError, Unavailable
from everkin.domain.ids import CharacterId, UserId
from everkin.domain.memory import Pair, Scrubbed
from everkin.storage.chroma import clients, disk

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

log = logging.getLogger("everkin.storage")

T = TypeVar("T")

THREADS = 4
MOST_AT_ONCE = 2000
"""Vectors in one call; Chroma accepts 5461."""

_SHAPE = {"hnsw": {"space": "cosine", "ef_search": 200}}
_OWED = {"owed": 1}
"""Metadata of a collection from which vectors were deleted whose bytes still exist."""

_DAMAGED = ("InternalError", "PanicException", "DatabaseError", "DamagedError")
"""Names of errors that Chroma, its Rust library and SQLite raise for files they cannot read."""

_SERVERS_DISK = (
    "the Chroma server's own folder: deleted vectors stay in its files. Stop it, remove the folder and start it again; "
    "the index is rebuilt from the record"
)


class ChromaIndex:
    """A vector index. `embedder` is part of the collections' names, so vectors of different embedders are never mixed.
    A call that takes longer than `seconds` raises Unavailable. `moved_aside` lists damaged folders, each replaced by an
    empty one.
    """

    def __init__(
        self, open_client: clients.Open, embedder: str, folder: Path | None = None, seconds: float = 10.0
    ) -> None:
        self.moved_aside: list[Path] = []
        self._open = open_client
        self._prefix = f"everkin-{hashlib.sha256(embedder.encode()).hexdigest()[:8]}-"
        self._folder = folder
        self._seconds = seconds
        self._client: Any = None
        self._lock = threading.RLock()
        self._threads = ThreadPoolExecutor(THREADS, "everkin-chroma")

    async def put(self, pair: Pair, items: Sequence[tuple[str, bytes]]) -> None:
        if items:
            await self._call(lambda client: self._put(client, pair, items))

    async def search(self, pair: Pair, query: "NDArray[np.float32]", limit: int) -> Sequence[tuple[str, float]]:
        return await self._call(lambda client: self._search(client, pair, query, limit))

    async def drop(self, pair: Pair, item_ids: Sequence[str]) -> None:
        """Remove items from search; their bytes are removed by the next `scrub`."""
        if item_ids:
            await self._call(lambda client: self._drop(client, pair, [_key(pair, each) for each in item_ids]))

    async def forget(self, pair: Pair) -> None:
        """Remove all items of a pair from search; their bytes are removed by the next `scrub`."""
        await self._call(lambda client: self._forget(client, pair))

    async def pairs(self) -> set[Pair]:
        return await self._call(self._pairs, patient=True)

    async def ids(self, pair: Pair) -> set[str]:
        return await self._call(lambda client: self._ids(client, pair))

    async def scrub(self) -> Scrubbed:
        """Remove all bytes of dropped items from disk. On a server this is left to its operator, and the result says
        so. Searches continue meanwhile, writes wait.
        """
        await self._call(self._scrub, patient=True)
        return Scrubbed(() if self._folder else (_SERVERS_DISK,))

    async def ping(self) -> None:
        await self._call(lambda client: client.heartbeat())

    async def close(self) -> None:
        """Close the index without waiting for calls to a server that hangs; they end with their own time limit."""
        await asyncio.to_thread(self._threads.shutdown, self._folder is not None, cancel_futures=True)
        if self._client is not None:
            client, self._client = self._client, None
            await asyncio.to_thread(client.close)

    async def _call(self, work: Callable[[Any], T], *, patient: bool = False) -> T:
        """Run `work` in a thread; with `patient` there is no time limit."""
        try:
            async with asyncio.timeout(None if patient else self._seconds):
                return await asyncio.get_running_loop().run_in_executor(self._threads, self._attempt, work)
        except TimeoutError:
            raise Unavailable("The vector index does not answer.") from None

    # -- in a thread of its own ---------------------------------------------------------------------------------------

    def _attempt(self, work: Callable[[Any], T]) -> T:
        try:
            return work(self._connected())
        except (StartError, Unavailable):
            raise
        except BaseException as error:  # a damaged file makes Chroma panic, which is not an Exception
            log.warning("the vector index failed: %s", type(error).__name__)
            self._recover(error)
            raise Unavailable("The vector index cannot be used right now.") from error

    def _connected(self) -> Any:
        with self._lock:
            if self._client is None:
                self._client = self._open()
            return self._client

    def _recover(self, error: BaseException) -> None:
        """Drop the client, so that a server is connected to anew. A folder is moved aside only if the folder itself
        failed and not the request.
        """
        with self._lock:
            if self._folder is None:
                self._client = None
            elif type(error).__name__ in _DAMAGED and self._folder.exists():
                self._client = None
                clients.release(self._folder)
                self.moved_aside.append(disk.move_aside(self._folder))
                log.error("the vector index was damaged; it was moved to %s and is rebuilt", self.moved_aside[-1])

    def _put(self, client: Any, pair: Pair, items: Sequence[tuple[str, bytes]]) -> None:
        latest = dict(items)
        with self._lock:
            collection = self._collection(client, pair.character_id)
            for some in _chunks(list(latest)):
                keys = [_key(pair, each) for each in some]
                rows = [_row(latest[each]) for each in some]
                collection.upsert(ids=keys, embeddings=rows, metadatas=[{"user": pair.user_id}] * len(keys))

    def _search(self, client: Any, pair: Pair, query: Any, limit: int) -> list[tuple[str, float]]:
        collection = self._found(client, pair.character_id)
        if collection is None:
            return []
        found = collection.query(
            query_embeddings=[query], n_results=limit, where={"user": pair.user_id}, include=["distances"]
        )
        pairs = zip(found["ids"][0], found["distances"][0], strict=True)
        return [(key.partition(":")[2], 1.0 - float(distance)) for key, distance in pairs]

    def _ids(self, client: Any, pair: Pair) -> set[str]:
        collection = self._found(client, pair.character_id)
        if collection is None:
            return set()
        return {key.partition(":")[2] for key in collection.get(where={"user": pair.user_id}, include=[])["ids"]}

    def _pairs(self, client: Any) -> set[Pair]:
        found = set()
        for collection in client.list_collections():
            character_id = CharacterId(collection.name.split("-", 2)[-1].removesuffix("-x"))
            for row in collection.get(include=["metadatas"])["metadatas"] or ():
                found.add(Pair(character_id, UserId(row["user"])))
        return found

    def _drop(self, client: Any, pair: Pair, keys: Sequence[str]) -> None:
        with self._lock:
            for collection in self._theirs(client, pair.character_id):
                for some in _chunks(keys):
                    there = collection.get(ids=some, include=[])["ids"]
                    if there:
                        collection.modify(metadata=_OWED)
                        collection.delete(ids=there)

    def _forget(self, client: Any, pair: Pair) -> None:
        with self._lock:
            for collection in self._theirs(client, pair.character_id):
                collection.modify(metadata=_OWED)
                collection.delete(where={"user": pair.user_id})

    def _theirs(self, client: Any, character_id: CharacterId) -> list[Any]:
        """Return the character's collections of every embedder ever used."""
        return [each for each in client.list_collections() if each.name.endswith(_suffix(character_id))]

    def _scrub(self, client: Any) -> None:
        with self._lock:
            for collection in client.list_collections():
                if (collection.metadata or {}).get("owed"):
                    self._rebuild(client, collection)
            if self._folder is not None:
                disk.remove_leftovers(self._folder)

    def _rebuild(self, client: Any, collection: Any) -> None:
        """Replace a collection by a new one that holds the remaining vectors."""
        spare = f"spare-{collection.name}"
        if any(each.name == spare for each in client.list_collections()):
            client.delete_collection(spare)  # left by an interrupted rebuild
        name, keys = collection.name, collection.get(include=[])["ids"]
        if keys:
            fresh = client.create_collection(spare, embedding_function=None, configuration=_SHAPE)
            for some in _chunks(keys):
                rows = collection.get(ids=some, include=["embeddings", "metadatas"])
                fresh.add(ids=rows["ids"], embeddings=rows["embeddings"], metadatas=rows["metadatas"])
        client.delete_collection(name)
        if keys:
            fresh.modify(name=name)

    def _collection(self, client: Any, character_id: CharacterId) -> Any:
        return client.get_or_create_collection(self._name(character_id), embedding_function=None, configuration=_SHAPE)

    def _found(self, client: Any, character_id: CharacterId) -> Any:
        """Return the collection, None if it does not exist yet."""
        try:
            return client.get_collection(self._name(character_id), embedding_function=None)
        except _missing():
            return None

    def _name(self, character_id: CharacterId) -> str:
        return f"{self._prefix}{_suffix(character_id)}"


def open_embedded(folder: Path, embedder: str) -> ChromaIndex:
    return ChromaIndex(clients.embedded(folder), embedder, folder)


def open_server(url: str, embedder: str, seconds: float = 5.0) -> ChromaIndex:
    """Return the index of a server. Raises StartError for an invalid address; if the server is offline, each call
    raises Unavailable.
    """
    return ChromaIndex(clients.of_server(url, seconds), embedder, seconds=seconds)


def _missing() -> type[Exception]:
    kind: type[Exception] = clients.driver().errors.NotFoundError
    return kind


def _suffix(character_id: CharacterId) -> str:
    """Return the name's suffix. Names may hold letters, digits, `_` and `-`, as Everkin's ids do."""
    return f"{character_id}-x"


def _key(pair: Pair, item_id: str) -> str:
    """Return the item's key; an item known to several users is stored once for each."""
    return f"{UserId(pair.user_id)}:{item_id}"


def _row(vector: bytes) -> Any:
    import numpy

    return numpy.frombuffer(vector, "<f2").astype(numpy.float32)


def _chunks(items: Sequence[str]) -> list[list[str]]:
    return [list(items[start : start + MOST_AT_ONCE]) for start in range(0, len(items), MOST_AT_ONCE)]
