"""App: the services an interface may use. Built by wiring.app.open_app and passed to each interface."""

from dataclasses import dataclass

from everkin.characters.service import CharacterService
from everkin.domain.events import Event
from everkin.jobs.maintenance import Maintenance
from everkin.jobs.runner import JobRunner
from everkin.kit.clock import Clock
from everkin.kit.hub import Hub
from everkin.llm.registry.registry import ModelRegistry
from everkin.observability.health import Health
from everkin.observability.metrics import Metrics
from everkin.observability.usage import UsageRecorder
from everkin.security.accounts import Accounts
from everkin.security.ages import Ages
from everkin.security.guests import Guests
from everkin.security.names import Names
from everkin.services.conversations import ConversationService
from everkin.services.greetings import GreetingService
from everkin.services.memories import MemoryService
from everkin.services.operations import AdminService
from everkin.services.personal_data import PersonalDataService
from everkin.services.search import SearchService
from everkin.services.sessions import SessionService
from everkin.turn.presence import Presence
from everkin.turn.turns import TurnService


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits that interfaces enforce before they call a service, and report to clients."""

    max_message_length: int
    """Characters of a message."""
    typing_timeout_ms: int
    """Milliseconds after which a typing indicator ends by itself."""


@dataclass(frozen=True, slots=True)
class App:
    """The services of a running server."""

    turns: TurnService
    """Sends, stops, retries and follows turns."""
    conversations: ConversationService
    """Conversations and their messages."""
    characters: CharacterService
    """Characters and their versions."""
    presence: Presence
    """Which users have which conversation open."""
    sessions: SessionService
    """Conversations in active use."""
    greetings: GreetingService
    """Greetings of returning users."""
    guests: Guests
    """Users without an account of their own."""
    accounts: Accounts
    """Users and tokens."""
    ages: Ages
    """Users' years of birth."""
    names: Names
    """Users' display names."""
    registry: ModelRegistry
    """Language models."""
    events: Hub[Event]
    """Publishes all events, in order."""
    admin: AdminService
    """Administration of the server."""
    memories: MemoryService
    """Characters' memories of users."""
    search: SearchService
    """Full-text search in messages."""
    personal_data: PersonalDataService
    """Export and erasure of a user's data."""
    job_runner: JobRunner
    """Background jobs that run after a reply."""
    maintenance: Maintenance
    """Housekeeping and reindexing."""
    usage: UsageRecorder
    """Usage and cost of model calls."""
    metrics: Metrics
    """Latencies and counters."""
    health: Health
    """State of all parts of the server."""
    clock: Clock
    """The source of time."""
    limits: Limits
    """Limits that interfaces enforce."""
