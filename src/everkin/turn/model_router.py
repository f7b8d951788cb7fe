"""Which model answers for a character: the port that the turn and the services ask. Fulfilled by llm/registry/registry.py."""

from typing import Protocol

from everkin.domain.character import Character
from everkin.domain.chat_model import ChatModel, TokenCounter
from everkin.llm.registry.routing import Route, Situation


class ModelRouter(Protocol):
    """Which model speaks for a character. Fulfilled by llm/registry/registry.py."""

    def model_for(self, character: Character) -> ChatModel:
        """Never raises: a model that cannot speak raises when its stream is entered."""

    def routed(self, character: Character, situation: Situation) -> tuple[ChatModel, Route]:
        """As `model_for`, by the rules of llm/registry/routing.py, with the reason."""

    def counter_for(self, character: Character) -> TokenCounter: ...
