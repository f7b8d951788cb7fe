"""The scribe: which model writes for the jobs, if one is good enough, and its answer as one text."""

import logging
from collections import Counter
from collections.abc import Callable

from everkin.domain.chat_model import ChatModel
from everkin.domain.errors import EverkinError, Unavailable
from everkin.domain.prompt import ChunkText, Prompt

log = logging.getLogger("everkin.jobs")

LONGEST = 8_000
"""Characters after which an answer is cut off."""


class TextModel:
    """`choose`: a model that is good enough to write, None while there is none. `failed` counts by error code."""

    def __init__(self, choose: Callable[[], ChatModel | None]) -> None:
        self.failed: Counter[str] = Counter()
        self._choose = choose

    def model(self) -> ChatModel | None:
        return self._choose()

    async def write(self, prompt: Prompt) -> tuple[str, str] | None:
        """(answer, the model's name). None when no model is good enough or it failed: then rules have to do. Unavailable when
        people come first: the work is to be done later."""
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
