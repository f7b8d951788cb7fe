"""Several API keys of one provider: use the least busy one, rest a rate-limited one, set a refused one aside."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType

from everkin.domain.chat_model import ChatModel
from everkin.domain.errors import ModelError, ModelOverloaded, ModelRefused
from everkin.domain.prompt import Prompt
from everkin.kit.clock import Clock
from everkin.llm.gateway.streams import Begun, Entering, Opening, opened

REST_SECONDS = 20.0
"""Seconds a rate-limited key rests when the provider sent no Retry-After."""
LONGEST_REST = 600.0
"""Seconds; a longer Retry-After is cut to this."""
ASIDE_SECONDS = 900.0
"""Seconds until a refused key is tried again: its credit may have been topped up, or the provider may have erred."""


@dataclass(slots=True, eq=False)
class ApiKey:
    """One key of a provider, with its load and condition."""

    label: str
    """The key's place in the setting ("key 1"), shown in health; never the key itself."""
    model: ChatModel
    """The model that sends its requests with this key."""
    busy: int = 0
    """Calls running now."""
    calls: int = 0
    """Calls begun so far."""
    rests_until: float = field(default=0.0)
    """Monotonic seconds of the clock; 0 if the key was never rate-limited."""
    aside_until: float = field(default=0.0)
    """Monotonic seconds of the clock; 0 if the key was never refused."""

    def condition(self, now: float) -> str:
        """Return "ready", "resting" (after 429) or "refused" (after 401, 402, 403)."""
        if self.aside_until > now:
            return "refused"
        return "resting" if self.rests_until > now else "ready"


class ApiKeyModel:
    """Send each call with one of several keys; before the first token, retry it with the other usable keys, each at
    most once. When no key is usable, ask the one that is usable soonest, so that the user gets the provider's own
    reason."""

    def __init__(self, models: Sequence[ChatModel], clock: Clock) -> None:
        self.keys = [ApiKey(f"key {number}", model) for number, model in enumerate(models, 1)]
        self.clock = clock

    @property
    def name(self) -> str:
        return self.keys[0].model.name

    def stream(self, prompt: Prompt) -> Opening:
        return _Keyed(self, prompt)

    def conditions(self) -> dict[str, str]:
        """Return the condition of each key by its label."""
        now = self.clock.monotonic()
        return {key.label: key.condition(now) for key in self.keys}

    def pick(self, tried: Sequence[ApiKey]) -> ApiKey | None:
        """Return the least busy usable key not yet tried, on a tie the one with fewer calls. None when every usable
        one was tried."""
        now = self.clock.monotonic()
        usable = [key for key in self.keys if key not in tried and key.condition(now) == "ready"]
        if usable:
            return min(usable, key=_load)
        return None if tried else min(self.keys, key=_usable_at)

    def judge(self, key: ApiKey, error: ModelError) -> bool:
        """Record a failure that concerns the key itself, and return whether it does."""
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
    """Return the only model, or all of them behind an ApiKeyModel, which is also passed to `keep` (for health)."""
    if len(models) == 1:
        return models[0]
    keyed = ApiKeyModel(models, clock)
    keep(keyed)
    return keyed


def _load(key: ApiKey) -> tuple[int, int]:
    return key.busy, key.calls


def _usable_at(key: ApiKey) -> float:
    return max(key.rests_until, key.aside_until)
