"""Rounds: rides answered together by one call of the model. Pure.

Each speaking character has one speaker's ride, that of the last message it answers; its other rides join that one and
share its reply.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from everkin.domain.ids import CharacterId
from everkin.turn.queue import TurnRequest


@dataclass(frozen=True, slots=True)
class TurnBatch:
    requests: tuple[TurnRequest, ...]
    speakers: tuple[TurnRequest, ...]
    """In the order they were chosen."""
    joined: Mapping[int, TurnRequest]
    """Ride -> the speaker whose reply is its reply too."""

    @classmethod
    def of(cls, requests: Sequence[TurnRequest]) -> "TurnBatch":
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
        """The ride of the newest message: what is being answered."""
        return max(self.requests, key=lambda request: request.message.seq)

    @property
    def stopping(self) -> bool:
        return any(request.stopping for request in self.requests)

    @property
    def natural(self) -> bool:
        """Whether everybody who is answered came by a door that wants no instant answer."""
        return all(request.natural for request in self.requests)

    @property
    def priority(self) -> int:
        return max(request.priority for request in self.requests)
