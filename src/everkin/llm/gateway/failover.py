"""Failover: when one endpoint of a chain cannot begin to answer, the next is asked. Only before the first token."""

from collections.abc import Sequence
from dataclasses import dataclass

from everkin.domain.chat_model import ChatModel
from everkin.domain.errors import ModelError, ModelMissing, ModelRefused
from everkin.domain.prompt import Prompt
from everkin.kit.clock import Clock
from everkin.llm.gateway.circuit_breaker import BreakerOpen, CircuitBreaker
from everkin.llm.gateway.retry import PASSING
from everkin.llm.gateway.streams import Begun, Entering, Opening, opened


@dataclass(frozen=True, slots=True)
class FailoverTarget:
    """One endpoint of the chain. It is skipped without a call while its breaker is open."""

    model: ChatModel
    """The endpoint with its own policies."""
    breaker: CircuitBreaker | None = None
    """None: never skipped."""

    @property
    def admits(self) -> bool:
        """Whether the breaker would let a call through now."""
        return self.breaker is None or self.breaker.admits


class FailoverModel:
    """Ask the endpoints of a chain in order; the first is the chosen one and gives the name. `links` has at least one.

    `failovers` counts answers from the others. A request that was refused because of its own content is not sent
    elsewhere; after a bad key or a missing model it is. When all fail, the first failure other than BreakerOpen is
    raised: it concerns the model that the user chose.
    """

    def __init__(self, links: Sequence[FailoverTarget], clock: Clock) -> None:
        self.failovers = 0
        self.links = tuple(links)
        self.clock = clock

    @property
    def name(self) -> str:
        return self.links[0].model.name

    def stream(self, prompt: Prompt) -> Opening:
        return _FailingOver(self, prompt)


class _FailingOver(Entering):
    __slots__ = ("_policy", "_prompt")

    def __init__(self, policy: FailoverModel, prompt: Prompt) -> None:
        self._policy = policy
        self._prompt = prompt

    async def __aenter__(self) -> Begun:
        failure: ModelError | None = None
        links = self._policy.links
        for link in [link for link in links if link.admits] or links[:1]:
            if failure is not None and self._too_late():
                break
            try:
                self._opening, stream = await opened(link.model, self._prompt)
            except ModelError as error:
                if not may_fail_over(error):
                    raise
                failure = error if failure is None or isinstance(failure, BreakerOpen) else failure
            else:
                self._policy.failovers += link is not links[0]
                return stream
        assert failure is not None
        raise failure

    def _too_late(self) -> bool:
        deadline = self._prompt.purpose.deadline
        return deadline is not None and self._policy.clock.monotonic() >= deadline


def may_fail_over(error: ModelError) -> bool:
    """Return whether another endpoint may succeed where this failure occurred."""
    return isinstance(error, (*PASSING, ModelMissing)) or (isinstance(error, ModelRefused) and error.field == "key")
