"""Several keys of one provider: the least busy one speaks, a limited one rests, a refused one is set aside."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType

from everkin.domain.chat_model import ChatModel
from everkin.domain.errors import ModelError, ModelOverloaded, ModelRefused
from everkin.domain.prompt import Prompt
from everkin.kit.clock import Clock
from everkin.llm.gateway.streams import Begun, Entering, Opening, opened

REST_SECONDS = 20.0
"""For a limit without Retry-After."""
LONGEST_REST = 600.0
ASIDE_SECONDS = 900.0
"""After so long a refused key is tried again: credit is topped up, a provider errs."""


@dataclass(slots=True, eq=False)
class ApiKey:
    """`rests_until`, `aside_until`: on the clock's monotonic time."""

    label: str
    """Tells it from the others in health: its place in the setting, never itself."""
    model: ChatModel
    """Speaks with this key."""
    busy: int = 0
    calls: int = 0
    rests_until: float = field(default=0.0)
    aside_until: float = field(default=0.0)

    def condition(self, now: float) -> str:
        """ready, resting (429), refused (401, 402, 403)."""
        if self.aside_until > now:
            return "refused"
        return "resting" if self.rests_until > now else "ready"


class ApiKeyModel:
    """Each call tries every usable key at most once, and only before the first token. When none is usable, the one that is
    usable soonest is asked all the same, so that the person hears the provider's own reason."""

    def __init__(self, models: Sequence[ChatModel], clock: Clock) -> None:
        self.keys = [ApiKey(f"key {number}", model) for number, model in enumerate(models, 1)]
        self.clock = clock

    @property
    def name(self) -> str:
        return self.keys[0].model.name

    def stream(self, prompt: Prompt) -> Opening:
        return _Keyed(self, prompt)

    def conditions(self) -> dict[str, str]:
        now = self.clock.monotonic()
        return {key.label: key.condition(now) for key in self.keys}

    def pick(self, tried: Sequence[ApiKey]) -> ApiKey | None:
        """The least busy usable key; on a tie the one with fewer calls so far."""
        now = self.clock.monotonic()
        usable = [key for key in self.keys if key not in tried and key.condition(now) == "ready"]
        if usable:
            return min(usable, key=_load)
        return None if tried else min(self.keys, key=_usable_at)

    def judge(self, key: ApiKey, error: ModelError) -> bool:
        """Notes what the failure says of the key; whether it says anything."""
        now = self.clock.monotonic()
        if error.field != "key":
            return False
        if isinstance(error, ModelRefused):
            key.aside_until = now + ASIDE_SECONDS
        elif isinstance(error, ModelOverloaded):
            rest = REST_SECONDS if error.retry_after is None else error.retry_after
            key.rests_until = now + min(rest, LONGEST_REST)
        return True


class _Keyed(Entering):
    __slots__ = ("_key", "_policy", "_prompt")

    def __init__(self, policy: ApiKeyModel, prompt: Prompt) -> None:
        self._policy = policy
        self._prompt = prompt
        self._key: ApiKey | None = None

    async def __aenter__(self) -> Begun:
        tried: list[ApiKey] = []
        failure: ModelError | None = None
        while (key := self._policy.pick(tried)) is not None:
            tried.append(key)
            try:
                return await self._ask(key)
            except ModelError as error:
                if not self._policy.judge(key, error):
                    raise
                failure = error
        assert failure is not None
        raise failure

    async def _ask(self, key: ApiKey) -> Begun:
        key.busy += 1
        key.calls += 1
        try:
            self._opening, stream = await opened(key.model, self._prompt)
        except BaseException:
            key.busy -= 1
            raise
        self._key = key
        return stream

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        assert self._key is not None
        try:
            return await super().__aexit__(kind, error, trace)
        finally:
            self._key.busy -= 1


def one_of(models: Sequence[ChatModel], clock: Clock, keep: Callable[[ApiKeyModel], None]) -> ChatModel:
    """The model itself when there is one key, else all of them; `keep` is told, for health."""
    if len(models) == 1:
        return models[0]
    keyed = ApiKeyModel(models, clock)
    keep(keyed)
    return keyed


def _load(key: ApiKey) -> tuple[int, int]:
    return key.busy, key.calls


def _usable_at(key: ApiKey) -> float:
    return max(key.rests_until, key.aside_until)
