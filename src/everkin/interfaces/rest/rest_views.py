"""Responses that only REST uses. All others are in interfaces/views.py and memory_views.py."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Literal

from everkin.domain.caller import User
from everkin.domain.record import ConversationPage, Log
from everkin.interfaces.views import (
    CharacterView,
    ConversationView,
    LiveTurnView,
    MessageView,
    ProblemView,
    View,
    conversation_view,
    entry_view,
)
from everkin.observability.health import PartHealth
from everkin.security.accounts import TokenPair
from everkin.services.operations import CacheFigures, MemoryFigures, Pool
from everkin.services.sessions import Session, SessionStats, SessionTotals
from everkin.turn.turns import LiveTurn


class UserView(View):
    id: str
    """Starts with `usr_`."""
    login: str
    """The login."""
    name: str
    """The name that characters call the user."""
    role: Literal["owner", "user"]
    """The owner, or another user."""


class MeView(View):
    """`nameChosen`: the name was set by a user; else it is a placeholder. `adult`: certainly an adult by `birthYear`
    (null: not stated). Without certainty it is false."""

    id: str
    login: str
    name: str
    name_chosen: bool
    """The name was set by a user; else it is a placeholder."""
    role: Literal["owner", "user"]
    birth_year: int | None
    """The year of birth; null: not stated."""
    adult: bool
    """Certainly an adult by `birthYear`."""


class TokensView(View):
    """`access` goes into `Authorization: Bearer`, and into Socket.IO's `auth.token`; it ends at `expiresAt`. `refresh`
    can be exchanged for the next pair once: used a second time, it signs this device out. `device`, after a sign-in
    with a password: keep it and send it with the next one, so that this device is known; null otherwise."""

    access: str
    """The access token."""
    refresh: str
    """The refresh token; works once."""
    expires_at: int
    """When the access token ends, in Unix milliseconds."""
    user: UserView
    """The signed-in user."""
    device: str | None = None
    """The device token, after a sign-in with a password; null otherwise."""


class CharactersView(View):
    items: list[CharacterView]
    """The characters."""


class ConversationsView(View):
    """Newest first. `nextCursor` continues the list; null at its end."""

    items: list[ConversationView]
    """The conversations."""
    next_cursor: str | None
    """The cursor of the next page; null on the last one."""


class HistoryView(View):
    """Messages in order of `seq`. `more`: there are further ones in the direction asked for. `live`: replies in
    progress."""

    conversation: ConversationView
    items: list[MessageView]
    more: bool
    live: list[LiveTurnView]


class SaidView(View):
    """A message and all replies to it. `problem`: why a character did not answer. `notes`: lines from Everkin itself,
    such as where to find help."""

    message: MessageView
    replies: list[MessageView]
    notes: list[MessageView]
    problem: ProblemView | None


class SessionView(View):
    """A conversation with recent activity."""

    conversation_id: str
    """The conversation's id."""
    title: str
    """Its title."""
    character_ids: list[str]
    """Its characters."""
    message_count: int
    """Number of messages."""
    last_activity: int
    """When it was last active, in Unix milliseconds."""


class HouseSessionsView(View):
    """Counts over all users: `live` sessions, histories in memory that are `awake` (whole) and `resting` (packed), and
    `unsaved` ones that were found ahead of the database, which is a fault if it is not 0."""

    live: int
    awake: int
    resting: int
    unsaved: int


class SessionsView(View):
    """Your own sessions, the latest first, at most 200. `house`: for the owner only."""

    items: list[SessionView]
    house: HouseSessionsView | None


class SessionStatsView(View):
    """`messages` by id of user or character, without deleted ones. `emotion` (intensity 0..1) of the newest message of
    a user. `model`: the one that answers. `lastActivity` null, `live` false: it is on disk only. `cacheSize`: messages
    in memory. `queueSize`: replies that wait. `activeRequests`: replies in progress."""

    conversation_id: str
    live: bool
    message_count: int
    messages: dict[str, int]
    emotion: str | None
    """The emotion of the newest message of a user; null: none."""
    intensity: float
    """0..1: the strength of the emotion."""
    model: str
    """The model that answers."""
    last_activity: int | None
    """Unix milliseconds; null: it is on disk only."""
    cache_size: int
    queue_size: int
    active_requests: int


class StoppingView(View):
    """How many replies are being stopped."""

    stopped: int


class CacheView(View):
    """`kind`: local or redis. `near...`: decoded copies in this process, looked up before the cache itself. `owed`:
    invalidations that wait for Redis. `hitRate` 0..1: share of look-ups that did not read the database."""

    kind: str
    """`local` or `redis`."""
    status: str
    """`ok`, `degraded` or `down`."""
    note: str
    """A sentence for the operator."""
    hit_rate: float
    """0..1: share of look-ups that did not read the database."""
    hits: int
    """Look-ups that found a value."""
    misses: int
    """Look-ups that found none."""
    entries: int
    """Number of cached values."""
    bytes: int
    """Size of the cached values."""
    owed: int
    failures: int
    """Failed operations."""
    near_hits: int
    near_misses: int
    near_copies: int


class DroppedView(View):
    """How many values or connections were dropped."""

    dropped: int


class PoolView(View):
    """Connections to one host."""

    pool: str
    """The pool's name."""
    host: str
    """The host, with its port."""
    in_use: int
    """Connections in use."""
    idle: int
    """Idle connections."""


class PoolsView(View):
    """`most`: how many connections each pool may have in all."""

    items: list[PoolView]
    most: dict[str, int]


class MemoryView(View):
    """The memory of this process: resident bytes, conversations held in memory, replies in progress, decoded copies."""

    rss_bytes: int
    hot_logs: int
    live_turns: int
    near_copies: int


class LiveView(View):
    status: Literal["ok"] = "ok"
    """The process answers."""


class ReadyView(View):
    """`parts`: the condition of each. `draining`: the server is stopping and takes no new clients."""

    ready: bool
    draining: bool
    parts: dict[str, str]


class PartView(View):
    condition: str
    """`ok`, `degraded` or `down`."""
    note: str
    """A sentence for the operator."""
    figures: dict[str, float]
    """Counters, by name."""


class HealthView(View):
    condition: str
    """The worst condition of all parts."""
    parts: dict[str, PartView]
    """The parts, by name."""


class AboutView(View):
    """Information for clients before signing in. `localSignIn`: on the machine Everkin runs on, the owner can sign in
    without a password, by the address it printed or that `everkin link` prints."""

    version: str
    """The version of Everkin."""
    signup: bool
    """Whether new accounts can be made."""
    local_sign_in: bool
    """Whether the owner can sign in without a password on this machine."""
    websocket_path: str
    """The path of Socket.IO."""
    max_message_length: int
    """The longest message in characters."""
    typing_timeout_ms: int
    """Milliseconds after which a typing indicator ends."""


def user_view(user: User) -> UserView:
    return UserView(id=user.id, login=user.login, name=user.name, role=user.role.value)


def me_view(user: User, adult: bool) -> MeView:
    return MeView(
        id=user.id,
        login=user.login,
        name=user.name,
        name_chosen=user.has_chosen_name,
        role=user.role.value,
        birth_year=user.birth_year,
        adult=adult,
    )


def tokens_view(pair: TokenPair) -> TokensView:
    return TokensView(
        access=pair.access,
        refresh=pair.refresh,
        expires_at=pair.expires_at,
        user=user_view(pair.user),
        device=pair.device or None,
    )


def conversations_view(page: ConversationPage) -> ConversationsView:
    items = [conversation_view(each, unread) for each, unread in zip(page.items, page.unread, strict=True)]
    return ConversationsView(items=items, next_cursor=page.next_cursor)


def history_view(log: Log, unread: int, live: tuple[LiveTurn, ...]) -> HistoryView:
    return HistoryView(
        conversation=conversation_view(log.conversation, unread),
        items=[entry_view(entry) for entry in log.entries],
        more=log.more,
        live=[live_view(turn) for turn in live],
    )


def sessions_view(sessions: list[Session], house: SessionTotals | None) -> SessionsView:
    items = [
        SessionView(
            conversation_id=each.conversation.id,
            title=each.conversation.title,
            character_ids=list(each.conversation.character_ids),
            message_count=each.conversation.message_count,
            last_activity=each.last_activity,
        )
        for each in sessions
    ]
    return SessionsView(items=items, house=HouseSessionsView(**asdict(house)) if house is not None else None)


def session_stats_view(stats: SessionStats) -> SessionStatsView:
    return SessionStatsView(
        conversation_id=stats.conversation.id,
        live=stats.live,
        message_count=sum(stats.messages.values()),
        messages=dict(stats.messages),
        emotion=stats.emotion,
        intensity=round(stats.intensity, 3),
        model=stats.model,
        last_activity=stats.last_activity,
        cache_size=stats.cache_size,
        queue_size=stats.queue_size,
        active_requests=stats.active_requests,
    )


def live_view(turn: LiveTurn) -> LiveTurnView:
    return LiveTurnView(
        turn_id=turn.turn_id,
        message_id=turn.message_id,
        character_id=turn.character_id,
        phase="started" if turn.started else "queued",
        text=turn.text,
    )


def said_view(message: MessageView, replies: list[MessageView], notes: list[MessageView]) -> SaidView:
    failed = next((turn for turn in message.turns if turn.state == "failed"), None)
    problem = ProblemView(code=failed.error_code or "", sentence=failed.error_sentence or "") if failed else None
    return SaidView(message=message, replies=replies, notes=notes, problem=problem)


def cache_view(figures: CacheFigures) -> CacheView:
    far = figures.far
    return CacheView(
        kind=far.kind,
        status=far.status,
        note=far.note,
        hit_rate=round(figures.hit_rate, 4),
        hits=far.hits,
        misses=far.misses,
        entries=far.entries,
        bytes=far.bytes,
        owed=far.owed,
        failures=far.failures,
        near_hits=figures.near_hits,
        near_misses=figures.near_misses,
        near_copies=figures.near_copies,
    )


def pools_view(pools: Sequence[Pool]) -> PoolsView:
    items = [
        PoolView(pool=pool.name, host=host, in_use=used, idle=idle)
        for pool in pools
        for host, (used, idle) in sorted(pool.hosts().items())
    ]
    return PoolsView(items=items, most={pool.name: pool.most() for pool in pools})


def memory_view(figures: MemoryFigures) -> MemoryView:
    return MemoryView(
        rss_bytes=figures.rss_bytes,
        hot_logs=figures.hot_logs,
        live_turns=figures.live_turns,
        near_copies=figures.near_copies,
    )


def part_view(part: PartHealth) -> PartView:
    return PartView(condition=part.condition.value, note=part.note, figures=part.figures)
