"""Text model: chooses the model that generates text for jobs, and returns its output as one string."""

import logging
from collections import Counter
from collections.abc import Callable

from everkin.domain.chat_model import ChatModel
from everkin.domain.errors import EverkinError, Unavailable
from everkin.domain.prompt import ChunkText, Prompt

log = logging.getLogger("everkin.jobs")

LONGEST = 8_000
"""Characters after which the output is cut off."""


class TextModel:
    """Generates text for jobs. `choose` returns a model that is good enough, or None; `failed` counts by error code."""

    def __init__(self, choose: Callable[[], ChatModel | None]) -> None:
        self.failed: Counter[str] = Counter()
        self._choose = choose

    def model(self) -> ChatModel | None:
        """Return the model in use; None while no model is good enough."""
        return self._choose()

    async def write(self, prompt: Prompt) -> tuple[str, str] | None:
        """Return (text, the model's name); None when no model is good enough or it failed, so that rules are used
        instead.

        Raises Unavailable when turns take precedence and the work has to be done later.
        """
        model = self._choose()
        if model is None:
            return None
        text = ""
        try:
            async with model.stream(prompt) as chunks:
                async for chunk in chunks:
                    if isinstance(chunk, ChunkText):
                        text += chunk.text
                    if len(text) > LONGEST:
                        break
        except Unavailable:
            raise
        except EverkinError as error:
            self.failed[error.code] += 1
            log.warning("the model could not write for a job (%s); rules do it instead", error.code)
            return None
        return text, model.name
