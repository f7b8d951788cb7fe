"""App: the services a door may ask for. Built by wiring.open_app, passed to every door as a value."""

from dataclasses import dataclass

from everkin.domain.events import Event
from everkin.jobs.afterwards import Afterwards
from everkin.jobs.upkeep import Upkeep
from everkin.kit.clock import Clock
from everkin.kit.hub import Hub
from everkin.model.shelf import Shelf
from everkin.trust.accounts import Accounts
from everkin.trust.ages import Ages
from everkin.trust.guests import Guests
from everkin.trust.names import Names
from everkin.turn.cast import Cast
from everkin.turn.conversing import Conversing
from everkin.turn.leaving import Leaving
from everkin.turn.memories import Memories
from everkin.turn.operating import Operating
from everkin.turn.presence import Presence
from everkin.turn.searching import Searching
from everkin.turn.sessions import Sessions
from everkin.turn.turns import TurnService
from everkin.turn.welcoming import Welcomes
from everkin.watch.health import Health
from everkin.watch.metrics import Metrics
from everkin.watch.usage import Bookkeeper


@dataclass(frozen=True, slots=True)
class Limits:
    """What a door enforces before it calls. Lengths in characters, rates per minute (0: none)."""

    max_message_length: int
    typing_timeout_ms: int


@dataclass(frozen=True, slots=True)
class App:
    """`turns`: say, stop, retry, follow. `conversing`: conversations and their messages. `cast`: characters. `presence`: who is here.
    `accounts`: users and tokens. `ages`: when people were born. `names`: what they are called. `shelf`: language models. `events`: everything that happens, in order.
    `sessions`: which conversations are live. `welcomes`: greetings. `guests`: people without an account of their own.
    `memories`: what characters remember. `searching`: what was said. `leaving`: export and erasure. `afterwards`: what is done
    once a reply has been given. `upkeep`: housekeeping and reindexing. `usage`: what calls of models cost. `metrics`: how fast and how many."""

    turns: TurnService
    conversing: Conversing
    cast: Cast
    presence: Presence
    sessions: Sessions
    welcomes: Welcomes
    guests: Guests
    accounts: Accounts
    ages: Ages
    names: Names
    shelf: Shelf
    events: Hub[Event]
    operating: Operating
    memories: Memories
    searching: Searching
    leaving: Leaving
    afterwards: Afterwards
    upkeep: Upkeep
    usage: Bookkeeper
    metrics: Metrics
    health: Health
    clock: Clock
    limits: Limits
