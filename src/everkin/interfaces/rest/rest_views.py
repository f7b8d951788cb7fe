"""Answers that only REST gives. All else is in interfaces/views.py."""

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
    login: str
    name: str
    role: Literal["owner", "user"]


class MeView(View):
    """`nameChosen`: somebody gave the name; else it stands in until they do. `adult`: known to be one, because `birthYear` (null: never said) leaves no doubt. Nobody else counts as an adult."""

    id: str
    login: str
    name: str
    name_chosen: bool
    role: Literal["owner", "user"]
    birth_year: int | None
    adult: bool


class TokensView(View):
    """`access` goes into `Authorization: Bearer`, and into Socket.IO's `auth.token`; it ends at `expiresAt`. `refresh` buys
    the next pair, once: used a second time it signs this device out. `device`, after a sign-in with a password: keep it and
    send it with the next one, so that this device is known; null otherwise."""

    access: str
    refresh: str
    expires_at: int
    user: UserView
    device: str | None = None


class CharactersView(View):
    items: list[CharacterView]


class ConversationsView(View):
    """Newest first. `nextCursor` continues the list; null at its end."""

    items: list[ConversationView]
    next_cursor: str | None


class HistoryView(View):
    """Messages in order of `seq`. `more`: there are further ones in the direction asked for. `live`: answers under way."""

    conversation: ConversationView
    items: list[MessageView]
    more: bool
    live: list[LiveTurnView]


class SaidView(View):
    """A message and all that was answered to it. `problem`: why a character did not answer. `notes`: lines of the house, such as
    where to find help."""

    message: MessageView
    replies: list[MessageView]
    notes: list[MessageView]
    problem: ProblemView | None


class SessionView(View):
    """A conversation somebody has been active in lately."""

    conversation_id: str
    title: str
    character_ids: list[str]
    message_count: int
    last_activity: int


class HouseSessionsView(View):
    """Counts over everybody's: `live` sessions, hot copies that are `awake` (whole) and `resting` (packed), and `unsaved`
    ones that were found ahead of the record, which is a fault if it is not 0."""

    live: int
    awake: int
    resting: int
    unsaved: int


class SessionsView(View):
    """Your own, the latest first, at most 200. `house`: for the owner only."""

    items: list[SessionView]
    house: HouseSessionsView | None


class SessionStatsView(View):
    """`messages` by id of user or character, deleted ones left out. `emotion` (intensity 0..1) of the newest message of a
    person. `model` that answers. `lastActivity` null, `live` false: resting on disk alone. `cacheSize`: messages in memory.
    `queueSize`: answers that wait. `activeRequests`: answers being spoken."""

    conversation_id: str
    live: bool
    message_count: int
    messages: dict[str, int]
    emotion: str | None
    intensity: float
    model: str
    last_activity: int | None
    cache_size: int
    queue_size: int
    active_requests: int


class StoppingView(View):
    """How many answers were told to stop."""

    stopped: int


class CacheView(View):
    """`kind`: local or redis. `near...`: decoded copies in this process, asked before the cache itself. `owed`:
    invalidations that wait for Redis. `hitRate` 0..1: what needed no reading of the record."""

    kind: str
    status: str
    note: str
    hit_rate: float
    hits: int
    misses: int
    entries: int
    bytes: int
    owed: int
    failures: int
    near_hits: int
    near_misses: int
    near_copies: int


class DroppedView(View):
    """How many there were."""

    dropped: int


class PoolView(View):
    """Connections to one host."""

    pool: str
    host: str
    in_use: int
    idle: int


class PoolsView(View):
    """`most`: how many connections each pool may have in all."""

    items: list[PoolView]
    most: dict[str, int]


class MemoryView(View):
    """Of this process: resident memory, conversations held ready, answers under way, decoded copies."""

    rss_bytes: int
    hot_logs: int
    live_turns: int
    near_copies: int


class LiveView(View):
    status: Literal["ok"] = "ok"


class ReadyView(View):
    """`parts`: the condition of each. `draining`: the server is ending and wants no new clients."""

    ready: bool
    draining: bool
    parts: dict[str, str]


class PartView(View):
    condition: str
    note: str
    figures: dict[str, float]


class HealthView(View):
    condition: str
    parts: dict[str, PartView]


class AboutView(View):
    """What a client needs before anybody has signed in. `localSignIn`: on the machine Everkin runs on, the owner gets in
    without a password, by the address it printed or that `everkin link` prints."""

    version: str
    signup: bool
    local_sign_in: bool
    websocket_path: str
    max_message_length: int
    typing_timeout_ms: int


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
