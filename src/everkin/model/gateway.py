"""The stack every model is spoken to through, written once. Each policy is a wrapper in a file of its own."""

from everkin.model.port import ChatModel
from everkin.model.timed import Limits, TimedModel


def gateway(model: ChatModel, limits: Limits) -> ChatModel:
    """Outermost last: what is wrapped later sees the failures of what was wrapped before."""
    return TimedModel(model, limits)
