"""Turn batches: turn requests answered together by one call of the model. Pure.

Each responding character has one speaker request, that of the last message it answers; its other requests join that one
and share its reply.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from everkin.domain.ids import CharacterId
from everkin.turn.queue import TurnRequest


@dataclass(frozen=True, slots=True)
class TurnBatch:
    """Turn requests of one conversation that one call of the model answers."""

    requests: tuple[TurnRequest, ...]
    """All requests of the batch, in queue order."""
    speakers: tuple[TurnRequest, ...]
    """One request per responding character, in the order the characters were chosen."""
    joined: Mapping[int, TurnRequest]
    """`id()` of a request that is not a speaker -> the speaker request whose reply it shares."""

    @classmethod
    def of(cls, requests: Sequence[TurnRequest]) -> "TurnBatch":
        """Group the requests by character; the last request of each becomes its speaker."""
        last: dict[CharacterId, TurnRequest] = {}
        for request in requests:
            last[request.turn.character_id] = request
        speakers = tuple(last.values())
        joined = {
            id(request): last[request.turn.character_id]
            for request in requests
            if last[request.turn.character_id] is not request
        }
        return cls(tuple(requests), speakers, joined)

    @property
    def lead(self) -> TurnRequest:
        """The request of the newest message, which the prompt ends with."""
        return max(self.requests, key=lambda request: request.message.seq)

    @property
    def stopping(self) -> bool:
        """Whether a stop was requested for any request of the batch."""
        return any(request.stopping for request in self.requests)

    @property
    def natural(self) -> bool:
        """Whether every request came by an interface that asks for a typing delay."""
        return all(request.natural for request in self.requests)

    @property
    def priority(self) -> int:
        """The highest priority among the requests, 0..10."""
        return max(request.priority for request in self.requests)
