"""Rounds: rides answered together by one call of the model. Pure.

Each speaking character has one speaker's ride, that of the last message it answers; its other rides join that one and
share its reply.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from everkin.domain.ids import CharacterId
from everkin.turn.lanes import Ride


@dataclass(frozen=True, slots=True)
class Round:
    """`speakers` in the order they were chosen. `joined`: ride -> the speaker whose reply is its reply too."""

    rides: tuple[Ride, ...]
    speakers: tuple[Ride, ...]
    joined: Mapping[int, Ride]

    @classmethod
    def of(cls, rides: Sequence[Ride]) -> "Round":
        last: dict[CharacterId, Ride] = {}
        for ride in rides:
            last[ride.turn.character_id] = ride
        speakers = tuple(last.values())
        joined = {id(ride): last[ride.turn.character_id] for ride in rides if last[ride.turn.character_id] is not ride}
        return cls(tuple(rides), speakers, joined)

    @property
    def lead(self) -> Ride:
        """The ride of the newest message: what is being answered."""
        return max(self.rides, key=lambda ride: ride.message.seq)

    @property
    def stopping(self) -> bool:
        return any(ride.stopping for ride in self.rides)

    @property
    def natural(self) -> bool:
        """Whether everybody who is answered came by a door that wants no instant answer."""
        return all(ride.natural for ride in self.rides)

    @property
    def priority(self) -> int:
        return max(ride.priority for ride in self.rides)
