"""A packed log is the same log."""

from hypothesis import given
from hypothesis import strategies as st

from everkin.domain.conversation import Conversation, ConversationStatus
from everkin.domain.ids import CharacterId, ConversationId, MessageId, Millis, TurnId, UserId
from everkin.domain.message import Message, MessageStatus, MessageType, SenderType
from everkin.domain.record import Log, LogEntry
from everkin.domain.turn import Turn, TurnState
from everkin.history.log_codec import pack, unpack

HERE, SAM, ADA = ConversationId("cnv_1"), UserId("usr_1"), CharacterId("chr_1")

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=200)
metadata = st.dictionaries(st.text(max_size=8), st.none() | st.booleans() | st.integers(0, 2**40) | st.text(max_size=9))


def turn(message_id: str, state: TurnState) -> Turn:
    return Turn(TurnId("trn_1"), HERE, MessageId(message_id), ADA, state, 1, "nod_1", Millis(9), Millis(1))


@st.composite
def entries(draw: st.DrawFn, seq: int) -> LogEntry:
    message = Message(
        id=MessageId(f"msg_{seq}"),
        conversation_id=HERE,
        seq=seq,
        revision=draw(st.integers(1, 99)),
        parent_id=draw(st.none() | st.just(MessageId("msg_0"))),
        reply_to=None,
        sender_type=draw(st.sampled_from(SenderType)),
        sender_id=SAM,
        type=draw(st.sampled_from(MessageType)),
        content=draw(texts),
        status=draw(st.sampled_from(MessageStatus)),
        created_at=Millis(1_800_000_000_000),
        deleted_at=draw(st.none() | st.just(Millis(5))),
        metadata=draw(metadata),
    )
    states = draw(st.lists(st.sampled_from(TurnState), max_size=2))
    return LogEntry(message, tuple(turn(message.id, state) for state in states))


@given(st.data(), st.integers(0, 5), st.booleans())
def test_what_is_unpacked_equals_what_was_packed(data: st.DataObject, count: int, more: bool) -> None:
    said = tuple(data.draw(entries(seq)) for seq in range(1, count + 1))
    conversation = Conversation(
        HERE, SAM, (ADA,), (SAM,), data.draw(texts), False, ConversationStatus.ACTIVE, None, count, 7, count,
        Millis(1), Millis(2), metadata=data.draw(metadata),
    )  # fmt: skip
    log = Log(conversation, said, more)
    again = unpack(pack(log))
    assert again == log
    for before, after in zip(log.entries, again.entries, strict=True):
        assert type(after.message.sender_type) is type(before.message.sender_type)
        assert [type(each.state) for each in after.turns] == [TurnState] * len(before.turns)
