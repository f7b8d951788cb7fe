"""Metrics as Prometheus reads them: right sums, few labels, nobody's name."""

from dataclasses import replace

from prometheus_client.parser import text_string_to_metric_families

from everkin.domain.events import TurnCompleted
from everkin.domain.ids import CharacterId, ConversationId, MessageId, Millis, TurnId, UserId
from everkin.domain.message import Message, MessageStatus, MessageType, SenderType
from everkin.domain.prompt import Purpose
from everkin.domain.turn import Turn, TurnState
from everkin.kit.clock import ManualClock
from everkin.llm.gateway.metering import Metered
from everkin.observability.exposition import Exposition
from everkin.observability.health import Condition, Health, PartHealth
from everkin.observability.instruments import About
from everkin.observability.metrics import MOST_MODELS, Metrics

ORDER = ("model", "outcome", "direction", "part", "figure", "endpoint", "le")
AT = Millis(1_800_000_000_000)
CALL = Metered(Purpose("usr_secret", "chr_a", "cnv_a"), "gpt", 300.0, 1300.0, 90, 11, False, 0.002, "stop")
REPLY = Message(
    id=MessageId("msg_2"),
    conversation_id=ConversationId("cnv_secret"),
    seq=2,
    revision=3,
    parent_id=None,
    reply_to=None,
    sender_type=SenderType.CHARACTER,
    sender_id="chr_a",
    type=MessageType.TEXT,
    content="secret words",
    status=MessageStatus.SENT,
    created_at=AT,
)
TURN = Turn(
    TurnId("trn_1"),
    ConversationId("cnv_secret"),
    MessageId("msg_1"),
    CharacterId("chr_a"),
    TurnState.COMPLETED,
    1,
    "nod_here",
    AT,
    AT,
    Millis(AT + 2_500),
)
ENDED = TurnCompleted(
    conversation_id=TURN.conversation_id,
    audience=(UserId("usr_secret"),),
    turn_id=TURN.id,
    message_id=TURN.message_id,
    character_id=TURN.character_id,
    reply=REPLY,
    turn=TURN,
)


async def read(metrics: Metrics) -> dict[tuple[str, ...], float]:
    body, content_type = await Exposition(metrics).expose()
    assert content_type.startswith("text/plain")
    families = text_string_to_metric_families(body.decode())
    return {
        (sample.name, *(sample.labels[name] for name in ORDER if name in sample.labels)): sample.value
        for family in families
        for sample in family.samples
    }


async def test_calls_turns_and_commits_are_counted_and_timed() -> None:
    metrics = Metrics(ManualClock(), Health(), "nod_here")
    for outcome in ("stop", "stop", "model_timeout", "made up by a provider"):
        metrics.called(replace(CALL, outcome=outcome))
    await metrics.hear(ENDED)
    await metrics.hear(replace(ENDED, turn=replace(TURN, owner="nod_there")))
    metrics.committed(0.003, 4)
    seen = await read(metrics)
    assert seen["everkin_model_calls_total", "gpt", "stop"] == 2
    assert seen["everkin_model_calls_total", "gpt", "other"] == 1
    assert (seen["everkin_model_tokens_total", "gpt", "in"], seen["everkin_model_tokens_total", "gpt", "out"]) == (
        360,
        44,
    )
    assert round(seen["everkin_model_cost_dollars_total", "gpt"], 6) == 0.008
    assert seen["everkin_model_first_token_seconds_bucket", "gpt", "0.25"] == 0
    assert seen["everkin_model_first_token_seconds_bucket", "gpt", "0.5"] == 4
    assert seen["everkin_model_generation_seconds_sum", "gpt"] == 4.0
    assert seen["everkin_turns_total", "completed"] == 1, "another node's turn is its own to tell"
    assert seen["everkin_turn_seconds_sum", "completed"] == 2.5
    assert (seen["everkin_commit_seconds_count",], seen["everkin_commit_writes_total",]) == (1, 4)
    assert not [name for name in seen if "secret" in "".join(name)]


async def test_a_flood_of_model_names_ends_up_under_one() -> None:
    metrics = Metrics(ManualClock(), Health(), "nod_here")
    for number in range(1_000):
        metrics.called(replace(CALL, model=f"model-{number}\0"))
    seen = await read(metrics)
    names = {name[1] for name in seen if name[0] == "everkin_model_calls_total"}
    assert len(names) == MOST_MODELS + 1
    assert seen["everkin_model_calls_total", "other", "stop"] == 1_000 - MOST_MODELS


async def test_parts_tell_their_condition_and_others_add_what_they_count() -> None:
    health = Health()
    metrics = Metrics(ManualClock(), health, "nod_here")

    async def sick() -> PartHealth:
        return PartHealth(Condition.DEGRADED, "A sentence for people.", {"failures": 3.0})

    async def waiting() -> list[tuple[tuple[str, ...], float]]:
        return [(("groq",), 7.0)]

    health.register("cache", sick)
    metrics.watch(About("model_queue", "Calls that wait.", ("endpoint",)), "gauge", waiting)
    exposition = Exposition(metrics)
    for _ in range(2):
        body, _ = await exposition.expose("application/openmetrics-text")
    seen = await read(metrics)
    assert body.endswith(b"# EOF\n")
    assert seen["everkin_part_condition", "cache"] == 1
    assert seen["everkin_part_figure", "cache", "failures"] == 3
    assert seen["everkin_model_queue", "groq"] == 7
    assert "process_resident_memory_bytes" in {name[0] for name in seen}
