"""Answers that only REST gives. All else is in doors/views.py."""

from typing import Literal

from everkin.domain.caller import User
from everkin.domain.record import ConversationPage, Log
from everkin.doors.views import (
    CharacterView,
    ConversationView,
    LiveTurnView,
    MessageView,
    ProblemView,
    View,
    conversation_view,
    entry_view,
)
from everkin.model.shelf import ModelEntry, ModelStatus, PullProgress
from everkin.trust.accounts import TokenPair
from everkin.turn.turns import LiveTurn
from everkin.watch.health import PartHealth


class UserView(View):
    id: str
    login: str
    name: str
    role: Literal["owner", "user"]


class TokensView(View):
    """`access` goes into `Authorization: Bearer`, and into Socket.IO's `auth.token`; it ends at `expiresAt`. `refresh` buys
    the next pair, once: used a second time it signs this device out."""

    access: str
    refresh: str
    expires_at: int
    user: UserView


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
    """A message and all that was answered to it. `problem`: why a character did not answer."""

    message: MessageView
    replies: list[MessageView]
    problem: ProblemView | None


class StoppingView(View):
    """How many answers were told to stop."""

    stopped: int


class ModelView(View):
    """`name` is what `PUT models/current` takes. `sizeBytes`: of the download, 0 where there is none."""

    name: str
    title: str
    kind: str
    state: str
    note: str
    size_bytes: int


class ModelsView(View):
    """Who speaks now, how it is (`ready`, `starting`, `down`), a better choice worth offering, and all choices."""

    current: ModelView
    condition: str
    note: str
    better: ModelView | None
    entries: list[ModelView]


class PullView(View):
    """`totalBytes` 0: not known yet."""

    done_bytes: int
    total_bytes: int
    note: str


class LiveView(View):
    status: Literal["ok"] = "ok"


class ReadyView(View):
    """`parts`: the condition of each."""

    ready: bool
    parts: dict[str, str]


class PartView(View):
    condition: str
    note: str
    figures: dict[str, float]


class HealthView(View):
    condition: str
    parts: dict[str, PartView]


class AboutView(View):
    """What a client needs before anybody has signed in."""

    version: str
    signup: bool
    websocket_path: str
    max_message_length: int
    typing_timeout_ms: int


def user_view(user: User) -> UserView:
    return UserView(id=user.id, login=user.login, name=user.name, role=user.role.value)


def tokens_view(pair: TokenPair) -> TokensView:
    return TokensView(access=pair.access, refresh=pair.refresh, expires_at=pair.expires_at, user=user_view(pair.user))


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


def live_view(turn: LiveTurn) -> LiveTurnView:
    return LiveTurnView(
        turn_id=turn.turn_id,
        message_id=turn.message_id,
        character_id=turn.character_id,
        phase="started" if turn.started else "queued",
        text=turn.text,
    )


def said_view(message: MessageView, replies: list[MessageView]) -> SaidView:
    failed = next((turn for turn in message.turns if turn.state == "failed"), None)
    problem = ProblemView(code=failed.error_code or "", sentence=failed.error_sentence or "") if failed else None
    return SaidView(message=message, replies=replies, problem=problem)


def model_view(entry: ModelEntry) -> ModelView:
    return ModelView(
        name=entry.name,
        title=entry.title,
        kind=entry.kind,
        state=entry.state,
        note=entry.note,
        size_bytes=entry.size_bytes,
    )


def models_view(status: ModelStatus, entries: list[ModelEntry]) -> ModelsView:
    return ModelsView(
        current=model_view(status.current),
        condition=status.condition,
        note=status.note,
        better=model_view(status.better) if status.better else None,
        entries=[model_view(entry) for entry in entries],
    )


def pull_view(progress: PullProgress) -> PullView:
    return PullView(done_bytes=progress.done_bytes, total_bytes=progress.total_bytes, note=progress.note)


def part_view(part: PartHealth) -> PartView:
    return PartView(condition=part.condition.value, note=part.note, figures=part.figures)
