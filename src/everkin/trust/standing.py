"""Whether the person behind a genuine token still has a right: not signed out, not disabled, not gone."""

from collections import OrderedDict
from dataclasses import dataclass

from everkin.domain.caller import User
from everkin.domain.errors import NotFound, Unauthenticated
from everkin.domain.ids import Millis, UserId
from everkin.kit.clock import Clock
from everkin.trust.ports import Tokens, Users
from everkin.trust.tokens import family_of

FRESH_SECONDS = 3.0
"""How long an answer of the record is believed: another node's sign-out is felt after so long at the latest."""

_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class _Seen:
    user: User
    at: float


class Standing:
    """Asks the record at most once in FRESH_SECONDS for each token; a sign-out on this node is felt at once."""

    def __init__(self, users: Users, tokens: Tokens, clock: Clock) -> None:
        self._users = users
        self._tokens = tokens
        self._clock = clock
        self._seen: OrderedDict[str, _Seen] = OrderedDict()
        self._ended = 0

    async def user_of(self, user_id: UserId, token_id: str) -> User:
        seen = self._seen.get(token_id)
        if seen is None or self._clock.monotonic() - seen.at >= FRESH_SECONDS or seen.user.id != user_id:
            seen = await self._ask(user_id, token_id)
        return seen.user

    async def end(self, token_id: str, until: Millis) -> None:
        """The token, or (given its id) the whole sign-in, is worth nothing any more; `until`: when it would have ended."""
        await self._tokens.deny(token_id, until)
        self._ended += 1
        for known in [each for each in self._seen if token_id in (each, family_of(each))]:
            del self._seen[known]

    async def _ask(self, user_id: UserId, token_id: str) -> _Seen:
        self._seen.pop(token_id, None)
        ended = self._ended
        if await self._tokens.denied(token_id) or await self._tokens.denied(family_of(token_id)):
            raise Unauthenticated
        try:
            user = await self._users.get(user_id)
        except NotFound:
            raise Unauthenticated from None
        if user.disabled:
            raise Unauthenticated("This account is switched off.")
        seen = _Seen(user, self._clock.monotonic())
        if ended == self._ended:  # nobody signed out while we asked: the answer is not stale already
            self._seen[token_id] = seen
        while len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return seen
