"""Summaries: summarises messages that leave the context window, by a model that is good enough or else by rules.

A summary is for all participants, so it covers only messages that all of them witnessed. Messages sent while a
character was absent are recalled individually by the characters that were present.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from everkin.domain.conversation import Conversation
from everkin.domain.ids import ConversationId, new_summary_id
from everkin.domain.memory import Summary, SummaryId, Work
from everkin.domain.message import Message, SenderType, is_spoken
from everkin.domain.prompt import Purpose
from everkin.domain.witnesses import witnesses
from everkin.jobs.conversation_reader import ConversationReader
from everkin.jobs.text_model import TextModel
from everkin.kit.clock import Clock
from everkin.memory.ports import MemoryRecord
from everkin.memory.summaries.extractive import Sum, SummaryLine, sum_up
from everkin.memory.summaries.prompts import PRIORITY_JOB, read_summary, summary_prompt


class Summarise:
    """The job that writes summaries.

    `every` messages are summarised at a time; the newest `keep` are left out, since the context window holds them.
    `by_rules` counts summaries without a model. `tell` is called with the id of a conversation after its summary
    changed.
    """

    name = "summarising"

    def __init__(
        self,
        record: MemoryRecord,
        scene: ConversationReader,
        text_model: TextModel,
        clock: Clock,
        tell: Callable[[ConversationId], Awaitable[None]],
        every: int = 50,
        keep: int = 10,
    ) -> None:
        self.by_rules = 0
        self._record = record
        self._scene = scene
        self._text_model = text_model
        self._clock = clock
        self._tell = tell
        self._every = every
        self._keep = keep

    async def find(self, limit: int) -> Sequence[Work]:
        """Return conversations with enough messages to summarise."""
        return await self._record.to_summarise(limit, self._every + self._keep)

    async def do(self, work: Work) -> bool:
        """Summarise the next messages of a conversation; False when there are too few or another node did it."""
        messages = await self._record.messages_between(work.conversation_id, work.seq, self._every)
        if not messages or messages[-1].seq > work.last_seq - self._keep:
            return False
        conversation = await self._scene.conversation(work.conversation_id)
        everybody = frozenset((*conversation.user_ids, *conversation.character_ids))
        shared = [each for each in messages if is_spoken(each) and everybody <= witnesses(conversation, each.seq)]
        summaries = await self._record.summaries(work.conversation_id)
        earlier = summaries[-1].text if summaries else ""
        written, by = await self._write(conversation, await self._lines(conversation, shared), earlier)
        summary = Summary(
            id=SummaryId(new_summary_id()),
            conversation_id=work.conversation_id,
            from_seq=messages[0].seq,
            to_seq=messages[-1].seq,
            text=written.text,
            importance=written.importance,
            model=by,
            at=self._clock.now(),
            witnesses=tuple(sorted(everybody)),
        )
        done = await self._record.summarised(work, summary)
        await self._tell(work.conversation_id)
        return done

    async def _write(self, conversation: Conversation, lines: Sequence[SummaryLine], earlier: str) -> tuple[Sum, str]:
        purpose = Purpose(conversation.owner_id, conversation.character_ids[0], conversation.id, PRIORITY_JOB)
        answer = await self._text_model.write(summary_prompt(lines, earlier, purpose)) if lines else None
        if answer is not None and (written := read_summary(answer[0])) is not None:
            return written, answer[1]
        self.by_rules += 1
        return await asyncio.to_thread(sum_up, lines, earlier), "rules"

    async def _lines(self, conversation: Conversation, messages: Sequence[Message]) -> list[SummaryLine]:
        names = await self._scene.names(conversation)
        return [
            SummaryLine(
                message.seq,
                names.get(message.sender_id, "Somebody"),
                message.content,
                message.sender_type is SenderType.CHARACTER,
                intensity=float(message.metadata.get("intensity", 0.0)),
            )
            for message in messages
        ]
