"""The parts of memory, built in two steps: `open_memory`, used by turns, and `open_jobs`, which updates it."""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from everkin.cache.port import Cache
from everkin.characters.service import CharacterService
from everkin.domain.chat_model import ChatModel
from everkin.domain.conversation import Conversation
from everkin.domain.errors import StartError
from everkin.domain.events import Event, MemoryUpdated, RelationshipUpdated
from everkin.domain.ids import ConversationId
from everkin.domain.memory import Erased, Relationship
from everkin.history.log_cache import HistoryCache
from everkin.jobs.extract_facts import ExtractFacts
from everkin.jobs.index_messages import EmbedMissing, IndexMessages
from everkin.jobs.preemptible_model import PreemptibleModel
from everkin.jobs.repairs import EraseDeleted, RefoldFacts, RepairIndex
from everkin.jobs.runner import Job, JobRunner
from everkin.jobs.summarise import Summarise
from everkin.jobs.text_model import TextModel
from everkin.kit.clock import Clock
from everkin.kit.hub import Hub
from everkin.llm.providers.presets import PRESETS
from everkin.llm.registry.registry import ModelRegistry
from everkin.llm.tokens import forget_texts
from everkin.memory.erasure import Erasure
from everkin.memory.facts.retention import Awake
from everkin.memory.facts.similarity import words
from everkin.memory.facts.store import Changed, FactStore
from everkin.memory.index_sync import IndexSync
from everkin.memory.ports import Embedder, VectorIndex
from everkin.memory.recall.recaller import Recaller
from everkin.memory.scenes import Scenes
from everkin.observability.health import Condition, Health, PartHealth
from everkin.security.receipts import Signer
from everkin.settings import Settings
from everkin.storage.sql.record import Record
from everkin.turn.memory_context import MemoryContext

CHROMA_SECONDS = 5.0
"""A Chroma server that has not answered by then is not used for the request."""


@dataclass(frozen=True, slots=True)
class Memory:
    keeping: FactStore
    """Stores facts and relationships."""
    recaller: Recaller
    """Finds memories for a reply."""
    remembering: MemoryContext
    """Provides the memories of a turn."""
    forgetting: Erasure
    """Erases facts, messages, conversations and users."""
    embedder: Embedder | None
    """Compares texts by meaning; None: recall uses words alone."""
    mirror: IndexSync | None
    """Updates the vector index from the database; without one, vectors are searched beside the words."""
    scenes: Scenes
    """The state of the extraction rules in each conversation."""
    dropped: Counter[str]
    """Number of findings that were not accepted, or not read at all, by reason."""


class MemoryNotifier:
    """Publishes a change of memory: cached copies of the pair become void, and the user gets the events."""

    def __init__(self, events: Hub[Event]) -> None:
        self.remembering: MemoryContext | None = None
        self._events = events

    async def __call__(self, changed: Changed, relationship: Relationship) -> None:
        if self.remembering is not None:
            await self.remembering.changed(changed)
        pair, where = changed.pair, changed.conversation_id
        if where is None:
            return
        about: dict[str, Any] = {
            "conversation_id": where,
            "audience": (pair.user_id,),
            "character_id": pair.character_id,
            "user_id": pair.user_id,
        }
        if changed:
            await self._events.publish(
                MemoryUpdated(**about, learnt=changed.learnt, changed=changed.changed, gone=changed.gone), where
            )
        await self._events.publish(RelationshipUpdated(**about, relationship=relationship), where)


class CastScene:
    """The participants of a conversation, as used by jobs."""

    def __init__(self, logs: HistoryCache, characters: CharacterService) -> None:
        self._logs = logs
        self._characters = characters

    async def conversation(self, conversation_id: ConversationId) -> Conversation:
        return (await self._logs.get(conversation_id)).conversation

    async def names(self, conversation: Conversation) -> dict[str, str]:
        return await self._characters.names(conversation)


@asynccontextmanager
async def open_memory(
    settings: Settings,
    record: Record,
    events: Hub[Event],
    cache: Cache,
    shelf: ModelRegistry,
    logs: HistoryCache,
    session: aiohttp.ClientSession,
    signer: Signer,
    clock: Clock,
) -> AsyncIterator[Memory]:
    """Open memory for turns. Raises StartError for an index or an embedder that is configured but not installed."""
    embedder = make_embedder(settings, session)
    index = make_index(settings, embedder)
    mirror = IndexSync(index, record.recalling, embedder.name) if index is not None and embedder is not None else None
    told = MemoryNotifier(events)
    keeping = FactStore(record.memories, clock, told, settings.memory.fact_threshold)
    scenes = Scenes()
    days = settings.memory.retention_days
    recaller = Recaller(
        Awake(record.recalling, clock, days), embedder, index, budget=settings.memory.recall_mib * 2**20
    )
    remembering = told.remembering = MemoryContext(
        record.memories, recaller, keeping, cache, clock, settings.memory.recall_limit, retention_days=days
    )

    async def forget_copies(erased: Erased) -> None:
        for conversation_id in erased.conversations:
            await logs.forget(conversation_id)
            scenes.forget(conversation_id)
            shelf.forget_replies(conversation_id=conversation_id)
            await remembering.conversation_changed(conversation_id)
        for pair in (*erased.pairs, *erased.gone):
            recaller.forget(pair)
            keeping.forget(pair)
            shelf.forget_replies(user_id=pair.user_id)
        forget_texts()
        words.cache_clear()

    forgetting = Erasure(record.erasing, mirror, keeping, record.proofs, signer, clock, (forget_copies,))
    forgetting.open()
    try:
        yield Memory(keeping, recaller, remembering, forgetting, embedder, mirror, scenes, Counter())
    finally:
        await forgetting.close()
        for part in (index, embedder):
            if (close := getattr(part, "close", None)) is not None:
                await close()


@asynccontextmanager
async def open_jobs(
    settings: Settings,
    memory: Memory,
    record: Record,
    events: Hub[Event],
    shelf: ModelRegistry,
    scene: CastScene,
    busy: Callable[[], int],
    clock: Clock,
) -> AsyncIterator[JobRunner]:
    """Open the job runner. If memory is switched off, only deleted data is still erased."""
    way = MemoryLevels(shelf, busy, by_model=settings.memory.by_model)
    text_model = TextModel(way.choose)
    erasing = EraseDeleted(record.erasing, memory.forgetting)
    jobs: list[Job] = [erasing]
    if settings.memory.enabled:
        indexing = IndexMessages(record.memories, memory.embedder, scene, memory.mirror)

        def left() -> int:
            """Return a number that changes when messages may lack vectors: indexing went without, or a new check was
            requested."""
            return indexing.without_vectors + job_runner.woken

        jobs = [
            indexing,
            ExtractFacts(
                record.memories, scene, text_model, memory.keeping, clock, scenes=memory.scenes, dropped=memory.dropped
            ),
            RefoldFacts(record.memories, memory.keeping),
            *([EmbedMissing(record.memories, memory.embedder, memory.mirror, left)] if memory.embedder else []),
            *([RepairIndex(record.memories, memory.mirror)] if memory.mirror else []),
            Summarise(
                record.memories,
                scene,
                text_model,
                clock,
                memory.remembering.conversation_changed,
                settings.memory.summary_every,
                settings.chat.max_history_messages // 2,
            ),
            erasing,
        ]
    job_runner = JobRunner(jobs, busy, clock)
    with events.listening(job_runner.hear), events.listening(way.hear):
        job_runner.open()
        try:
            yield job_runner
        finally:
            await job_runner.close()


class MemoryLevels:
    """The model that writes memory, wrapped so that it gives way to users' turns; the same wrapper as long as the model
    is the same."""

    def __init__(self, shelf: ModelRegistry, busy: Callable[[], int], *, by_model: bool) -> None:
        self._registry = shelf
        self._busy = busy
        self._by_model = by_model
        self._model: ChatModel | None = None
        self._way: PreemptibleModel | None = None

    def choose(self) -> ChatModel | None:
        model = self._registry.writer() if self._by_model else None
        if model is not self._model:
            self._model, self._way = model, PreemptibleModel(model, self._busy) if model is not None else None
        return self._way

    async def hear(self, event: Event) -> None:
        if self._way is not None:
            await self._way.hear(event)


def watch_memory(health: Health, memory: Memory, job_runner: JobRunner, embedder_wanted: bool) -> None:
    scrubbing = memory.forgetting.scrubbing

    async def probe() -> PartHealth:
        recalled = memory.recaller.figures()
        figures = {
            **recalled,
            "relationships": float(memory.keeping.relationships_kept),
            "went_without": float(memory.remembering.failures),
            "forgetting_failures": float(memory.forgetting.failures + scrubbing.failures),
            "scenes_read_again": float(memory.scenes.missed),
            **{f"dropped_{why}": float(count) for why, count in memory.dropped.items()},
            "overwriting_pending": float(scrubbing.pending),
            "overwriting_seconds": round(scrubbing.seconds, 3),
            "overwriting_passes": float(scrubbing.passes),
            "pages_cleaned": float(scrubbing.pages),
            "pages_left_alone": float(scrubbing.odd),
            **{f"{name}_done": float(count) for name, count in job_runner.done.items()},
            **{f"{name}_failed": float(count) for name, count in job_runner.failed.items()},
        }
        if embedder_wanted and memory.embedder is None:
            return PartHealth(Condition.DEGRADED, "No embedder is installed: recall goes by words alone.", figures)
        if memory.mirror is not None and memory.mirror.behind:
            return PartHealth(
                Condition.DEGRADED, "The vector index is behind the record; it is being repaired.", figures
            )
        if scrubbing.left:
            return PartHealth(Condition.DEGRADED, scrubbing.left[0], figures)
        return PartHealth(Condition.OK, "", figures)

    health.register("memory", probe)


def make_index(settings: Settings, embedder: Embedder | None) -> VectorIndex | None:
    """Build the vector index; the exact search beside the words needs none. Raises StartError for an invalid address
    or a missing package."""
    wanted = settings.memory.vector_index.strip()
    if wanted == "exact" or embedder is None:
        return None
    from everkin.storage.chroma import clients
    from everkin.storage.chroma.index import ChromaIndex

    clients.driver()
    if wanted == "chroma":
        folder = settings.storage.data / "chroma"
        return ChromaIndex(clients.embedded(folder), embedder.name, folder)
    return ChromaIndex(clients.of_server(wanted, CHROMA_SECONDS), embedder.name)


def make_embedder(settings: Settings, session: aiohttp.ClientSession) -> Embedder | None:
    """Build the embedder. None: recall by words alone, configured or not (health shows which). Raises StartError for an
    unknown one."""
    wanted = settings.memory.embedder
    if wanted == "none" or not settings.memory.enabled:
        return None
    if wanted == "local":
        from everkin.memory.embedders.minilm import MiniLm

        return MiniLm() if MiniLm.is_installed() else None
    if wanted == "openai":
        from everkin.memory.embedders.openai import OpenAiEmbedder

        return OpenAiEmbedder(session, *_embedding_server(settings))
    raise StartError(f"EMBEDDER={wanted} is not known. There are local, openai and none.")


def _embedding_server(settings: Settings) -> tuple[str, str, str]:
    """Return (address, model, key). OpenAI's key is sent to OpenAI only. Raises StartError if neither an address nor a
    key is configured."""
    address, key = settings.memory.embedding_base_url.strip(), settings.memory.embedding_api_key.strip()
    if not address:
        key = key or settings.model.openai_api_key.split(",")[0].strip()
        if not key:
            raise StartError(
                "EMBEDDER=openai needs EMBEDDING_BASE_URL, the address of a server with /v1/embeddings, or a key of "
                "OpenAI's in EMBEDDING_API_KEY."
            )
    return address or PRESETS["openai"].base_url, settings.memory.embedding_model.strip(), key
