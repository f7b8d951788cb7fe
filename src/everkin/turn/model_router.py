"""Model router: the port through which turns and services choose the model of a character."""

from typing import Protocol

from everkin.domain.character import Character
from everkin.domain.chat_model import ChatModel, TokenCounter
from everkin.llm.registry.routing import Route, Situation


class ModelRouter(Protocol):
    """Chooses the model that generates a character's replies. Implemented by llm/registry/registry.py."""

    def model_for(self, character: Character) -> ChatModel:
        """Return the character's model. Never raises: an unavailable model raises when its stream is entered."""

    def routed(self, character: Character, situation: Situation) -> tuple[ChatModel, Route]:
        """Return the model for a situation by the rules of llm/registry/routing.py, with the reason. Never raises."""

    def counter_for(self, character: Character) -> TokenCounter:
        """Return the token counter of the character's model."""
        ...
