"""open_memory(...): what characters remember, from the record up to what a turn asks for, and the jobs that keep it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import aiohttp

from everkin.domain.conversation import Conversation
from everkin.domain.errors import StartError
from everkin.domain.events import Event, MemoryUpdated, RelationshipUpdated
from everkin.domain.ids import ConversationId
from everkin.domain.memory import Erased, Relationship
from everkin.jobs.afterwards import Afterwards
from everkin.jobs.digesting import Digesting
from everkin.jobs.giving_way import GivingWay
from everkin.jobs.indexing import Indexing
from everkin.jobs.scribe import Scribe
from everkin.jobs.summarising import Summarising
from everkin.kit.clock import Clock
from everkin.kit.hub import Hub
from everkin.memory.forgetting import Forgetting
from everkin.memory.keeping import Changed, Keeping
from everkin.memory.ports import Embedder, VectorIndex
from everkin.memory.recall import Recaller
from everkin.model.port import ChatModel
from everkin.model.shelf import Shelf
from everkin.settings import MemorySettings, Settings
from everkin.storage.sql.record import Record
from everkin.trust.receipts import Signer
from everkin.turn.caching import Cache
from everkin.turn.cast import Cast
from everkin.turn.hot import HotLogs
from everkin.turn.remembering import Remembering
from everkin.watch.health import Condition, Health, PartHealth
