"""Decoding of one answer: the text of its pieces, and how it ended. Pure."""

from collections.abc import Iterable

import msgspec

from everkin.domain.errors import ModelBroken, ModelError, ModelSilent
from everkin.domain.prompt import ChunkEnd
from everkin.llm.gateway.streams import NothingSaid
from everkin.llm.providers.endpoint import Endpoint
from everkin.llm.providers.refusals import broken_off
from everkin.llm.providers.wire import Completion, completion_decoder


class AnswerReader:
    """Collects one answer. `finished`: the provider sent the reason of the end. `closed`: it sent [DONE], so no piece
    follows."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.finished = False
        self.closed = False
        self._endpoint = endpoint
        self._reason: str | None = None
        self._heard = False
        self._spoke = False
        self._failure: ModelError | None = None
        self._model = endpoint.model
        self._tokens_in: int | None = None
        self._tokens_out: int | None = None

    def take(self, data: bytes) -> str:
        """Return the text of one piece, often "". Raises ModelError for a piece that contains an error or breaks the
        protocol."""
        if data == b"[DONE]":
            self.closed = self.finished = True
            return ""
        return self._read(self._decoded(data))

    def take_all(self, pieces: Iterable[bytes]) -> str:
        """Return the text of pieces that arrived together, up to [DONE]. A failure that follows text among them is
        raised by the next call, so that the text is not lost."""
        if self._failure is not None:
            raise self._failure
        texts: list[str] = []
        try:
            for data in pieces:
                texts.append(self.take(data))
                if self.closed:
                    break
        except ModelError as error:
            if not any(texts):
                raise
            self._failure = error
        return "".join(texts)

    def take_whole(self, body: bytes) -> str:
        """Return the text of an answer that was not streamed. Raises ModelError as `take` does."""
        completion = self._decoded(body)
        if completion.choices is None and completion.error is None:
            raise ModelBroken(self._no_protocol())
        text = self._read(completion)
        self.finished = True
        return text

    def end(self) -> ChunkEnd:
        """Return the last chunk. Raises ModelBroken for an incomplete answer, ModelSilent for one without text, and
        its subclass NothingSaid if there was no reason for the end either."""
        if not self.finished:
            raise ModelBroken("" if self._heard else self._no_protocol())
        if not self._spoke:
            raise NothingSaid() if self._reason is None else ModelSilent(self._silence())
        return ChunkEnd(self._reason or "stop", self._model, self._tokens_in, self._tokens_out)

    def _decoded(self, data: bytes) -> Completion:
        try:
            return completion_decoder.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise ModelBroken(self._no_protocol()) from None

    def _read(self, piece: Completion) -> str:
        self._heard = True
        if piece.error is not None:
            raise broken_off(self._endpoint, piece.error)
        if piece.model:
            self._model = piece.model
        if piece.usage is not None:
            self._tokens_in, self._tokens_out = piece.usage.prompt_tokens, piece.usage.completion_tokens
        text = ""
        for choice in piece.choices or ():
            if choice.index:
                continue
            part = choice.delta or choice.message
            if part is not None and part.content:
                text = part.content.replace("\0", "")
                self._spoke = self._spoke or not text.isspace()
            if choice.finish_reason:
                self._reason, self.finished = choice.finish_reason, True
        return text

    def _no_protocol(self) -> str:
        where = f"{self._endpoint.title} at {self._endpoint.place}"
        return f"{where} sent something that is no chat completion. Check MODEL_BASE_URL: it usually ends in /v1."

    def _silence(self) -> str:
        match self._reason:
            case "content_filter":
                return f"{self._endpoint.title} withheld the answer (its content filter). Say it in other words."
            case "length":
                return "The model used up its tokens before it said a word. Raise LLM_MAX_TOKENS."
        return ""
