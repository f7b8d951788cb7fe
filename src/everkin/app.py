"""App: the services a door may ask for. Built by wiring.open_app, passed to every door as a value."""

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
    """What a door enforces before it calls. Lengths in characters, rates per minute (0: none)."""

    max_message_length: int
    typing_timeout_ms: int


@dataclass(frozen=True, slots=True)
class App:
    """`conversing`: conversations and their messages. `cast`: characters. `shelf`: language models. `welcomes`:
    greetings. `searching`: what was said. `leaving`: export and erasure. `afterwards`: what is done once a reply has
    been given. `upkeep`: housekeeping and reindexing."""

    turns: TurnService
    """Say, stop, retry, follow."""
    conversations: ConversationService
    characters: CharacterService
    presence: Presence
    """Who is here."""
    sessions: SessionService
    """Which conversations are live."""
    greetings: GreetingService
    guests: Guests
    """People without an account of their own."""
    accounts: Accounts
    """Users and tokens."""
    ages: Ages
    """When people were born."""
    names: Names
    """What they are called."""
    registry: ModelRegistry
    events: Hub[Event]
    """Everything that happens, in order."""
    admin: AdminService
    memories: MemoryService
    """What characters remember."""
    search: SearchService
    personal_data: PersonalDataService
    job_runner: JobRunner
    maintenance: Maintenance
    usage: UsageRecorder
    """What calls of models cost."""
    metrics: Metrics
    """How fast and how many."""
    health: Health
    clock: Clock
    limits: Limits
