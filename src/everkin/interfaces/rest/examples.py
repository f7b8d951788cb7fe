"""One example of each response, for OpenAPI. Built from the views themselves, so that they always match."""

from typing import Any

import msgspec

from everkin.interfaces.problems import Problem
from everkin.interfaces.rest import model_views, rest_views
from everkin.interfaces.rest.maintenance_views import LongTaskView
from everkin.interfaces.rest.memory_examples import memory_examples
from everkin.interfaces.rest.usage_views import UsageTotalsView, UsageView
from everkin.interfaces.views import (
    CharacterView,
    ConversationView,
    LiveTurnView,
    MessageView,
    ProblemView,
    SamplingView,
    TurnView,
    View,
)

_AT = 1_800_000_000_000
_USER, _CHARACTER = "usr_1a3185c5000f3b2c1d0e9a8b7c6", "chr_1a3185c5000a1b2c3d4e5f60718"
_CONVERSATION, _TURN = "cnv_1a3185c5000c0ffee0c0ffee0c0", "trn_1a3185c50000badc0de0badc0de"
_ASKED, _ANSWERED = "msg_1a3185c5000111122223333444", "msg_1a3185c5000555566667777888"

_USER_VIEW = rest_views.UserView(id=_USER, login="robin", name="Robin", role="user")
_TURN_VIEW = TurnView(
    id=_TURN, message_id=_ASKED, character_id=_CHARACTER, state="completed", attempt=1, reply_id=_ANSWERED
)
_MESSAGE = MessageView(
    id=_ASKED,
    conversation_id=_CONVERSATION,
    seq=2,
    revision=5,
    parent_id=None,
    reply_to=None,
    sender_type="user",
    sender_id=_USER,
    type="text",
    content="Good evening! Is the kettle on?",
    status="read",
    created_at=_AT,
    client_id="c1a2b3",
    delivered_at=_AT + 20,
    read_at=_AT + 900,
    turns=[_TURN_VIEW],
)
_REPLY = MessageView(
    id=_ANSWERED,
    conversation_id=_CONVERSATION,
    seq=3,
    revision=6,
    parent_id=_ASKED,
    reply_to=_ASKED,
    sender_type="character",
    sender_id=_CHARACTER,
    type="text",
    content="It has been on since noon. *slides you a cup*",
    status="delivered",
    created_at=_AT + 900,
    delivered_at=_AT + 910,
)
_CONVERSATION_VIEW = ConversationView(
    id=_CONVERSATION,
    title="The night of the storm",
    custom_title=True,
    status="active",
    character_ids=[_CHARACTER],
    user_ids=[_USER],
    last_seq=3,
    head_id="msg_019a4c1d3b0e5f60718293a4b5c",
    revision=6,
    message_count=3,
    unread=1,
    created_at=_AT - 60_000,
    updated_at=_AT + 910,
    last_message_at=_AT + 900,
    last_message_preview="It has been on since noon.",
    metadata={},
)
_CHARACTER_VIEW = CharacterView(
    id=_CHARACTER,
    slug="wren",
    version=1,
    starter=False,
    editable=True,
    restorable=False,
    created_at=_AT,
    updated_at=_AT,
    name="Wren",
    age=34,
    gender="woman",
    traits=["patient", "dry-humoured"],
    tagline="Keeper of a lighthouse nobody needs any more.",
    description="{{char}} mends radios and writes down the weather twice a day.",
    scenario="A storm has brought {{user}} to her door.",
    first_message="*holds the door against the wind* Come in before the sea does.",
    alternate_greetings=[],
    example_dialogues=["{{user}}: Are you lonely here?\n{{char}}: Ask me in February."],
    system_prompt="",
    post_history_instructions="",
    tags=["slice of life"],
    creator="",
    creator_notes="",
    avatar="",
    accent="#3d6b7d",
    voice="",
    preferred_model="",
    nsfw_policy="block",
    talkativeness=0.4,
    sampling=SamplingView(temperature=0.9),
    lorebook=None,
)
_MODEL = model_views.ModelView(
    name="local", title="SmolLM2 135M", kind="local", state="ready", note="On this machine.", size_bytes=0
)

_EXAMPLES: tuple[View, ...] = (
    _USER_VIEW,
    rest_views.MeView(
        id=_USER, login="robin", name="Robin", name_chosen=True, role="user", birth_year=1990, adult=True
    ),
    _MESSAGE,
    _CONVERSATION_VIEW,
    _CHARACTER_VIEW,
    rest_views.TokensView(
        access="eyJhbGciOi...",
        refresh="b7a61c0f3c1d...",
        expires_at=_AT + 900_000,
        user=_USER_VIEW,
        device="q3JvYmluLi4u...",
    ),
    rest_views.CharactersView(items=[_CHARACTER_VIEW]),
    rest_views.ConversationsView(items=[_CONVERSATION_VIEW], next_cursor=None),
    rest_views.HistoryView(
        conversation=_CONVERSATION_VIEW,
        items=[_MESSAGE, _REPLY],
        more=True,
        live=[
            LiveTurnView(turn_id=_TURN, message_id=_ASKED, character_id=_CHARACTER, phase="started", text="It has been")
        ],
    ),
    rest_views.SaidView(message=_MESSAGE, replies=[_REPLY], notes=[], problem=None),
    rest_views.SessionsView(
        items=[
            rest_views.SessionView(
                conversation_id=_CONVERSATION,
                title="The night of the storm",
                character_ids=[_CHARACTER],
                message_count=3,
                last_activity=_AT + 910,
            )
        ],
        house=rest_views.HouseSessionsView(live=3, awake=1, resting=2, unsaved=0),
    ),
    rest_views.SessionStatsView(
        conversation_id=_CONVERSATION,
        live=True,
        message_count=3,
        messages={_USER: 1, _CHARACTER: 2},
        emotion="happy",
        intensity=0.55,
        model="SmolLM2 135M",
        last_activity=_AT + 910,
        cache_size=3,
        queue_size=0,
        active_requests=1,
    ),
    rest_views.StoppingView(stopped=1),
    _MODEL,
    model_views.ModelsView(
        current=_MODEL,
        condition="ready",
        note="",
        reason="chosen",
        answering=_MODEL.name,
        long="",
        uncensored="",
        fallbacks=[],
        better=None,
        entries=[_MODEL],
    ),
    model_views.PullView(done_bytes=104_857_600, total_bytes=986_048_768, note="Fetching the weights."),
    rest_views.CacheView(
        kind="redis",
        status="ok",
        note="Redis answers.",
        hit_rate=0.9871,
        hits=5120,
        misses=410,
        entries=388,
        bytes=5_242_880,
        owed=0,
        failures=0,
        near_hits=26_300,
        near_misses=5530,
        near_copies=212,
    ),
    rest_views.DroppedView(dropped=3),
    LongTaskView(
        dry_run=False,
        purge=False,
        step="archiving",
        done=5,
        total=12,
        counts={"expired_tokens": 3, "idle_sessions": 1, "idle_connections": 0, "archived": 2, "resting": 41},
        problem="",
        started_at=_AT,
        ended_at=None,
    ),
    rest_views.PoolView(pool="outgoing", host="127.0.0.1:11434", in_use=1, idle=2),
    rest_views.PoolsView(
        items=[rest_views.PoolView(pool="outgoing", host="127.0.0.1:11434", in_use=1, idle=2)], most={"outgoing": 100}
    ),
    rest_views.MemoryView(rss_bytes=104_857_600, hot_logs=12, live_turns=1, near_copies=18),
    UsageTotalsView(
        since="2027-01-09",
        until="2027-01-15",
        by="model",
        items=[UsageView("gpt-4o-mini", 41, 1, 61_500, 5_330, 0.012423, 412.5, 1630.0)],
        total=UsageView("", 41, 1, 61_500, 5_330, 0.012423, 412.5, 1630.0),
    ),
    rest_views.LiveView(),
    rest_views.ReadyView(ready=True, draining=False, parts={"storage": "ok", "model": "ok"}),
    rest_views.HealthView(
        condition="ok", parts={"storage": rest_views.PartView(condition="ok", note="", figures={"commits": 1204.0})}
    ),
    rest_views.AboutView(
        version="0.1.0",
        signup=False,
        local_sign_in=True,
        websocket_path="/socket.io",
        max_message_length=2000,
        typing_timeout_ms=3000,
    ),
    *memory_examples(_MESSAGE, _CHARACTER),
    ProblemView(
        code="model_timeout", sentence="The language model took too long. Your message is safe; send it again."
    ),
    Problem(
        type="urn:everkin:problem:too_long",
        title="Too long",
        status=413,
        detail="The message is longer than 2000 characters.",
        code="too_long",
        instance="req_5f0c3a9d1e7b2c4f6a80",
        field="content",
        limit=2000,
    ),
)


def examples() -> dict[str, Any]:
    """Return the examples by the name of the view."""
    return {type(each).__name__: msgspec.to_builtins(each) for each in _EXAMPLES}
