"""Client of OpenAI's chat completions protocol: one POST, one stream of pieces. It does not retry."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from email.utils import parsedate_to_datetime

import aiohttp

from everkin.domain.errors import ModelBroken, ModelError, ModelRefused, ModelUnreachable
from everkin.domain.prompt import Chunk, ChunkText, Prompt
from everkin.kit.clock import Clock
from everkin.llm.providers.answer import AnswerReader
from everkin.llm.providers.endpoint import Endpoint
from everkin.llm.providers.http import read_up_to
from everkin.llm.providers.refusals import refusal, rejects_usage
from everkin.llm.providers.request import body, headers
from everkin.llm.providers.sse import SseReader

WHOLE_LIMIT = 8 * 2**20
"""Bytes of an answer that is not streamed."""
ERROR_LIMIT = 64 * 2**10
"""Bytes read of an error's body."""
REST_SECONDS = 0.2
"""Longest wait for the end of the body after the last chunk."""
NOT_SENT = "closing transport"
"""aiohttp's error text for a connection that was closed before the request was written."""


class OpenAICompatible:
    """A model at an OpenAI-compatible endpoint. `tail_seconds`: how long to wait, after the reason of the end, for the
    token counts and the end of the body."""

    def __init__(
        self,
        endpoint: Endpoint,
        session: aiohttp.ClientSession,
        clock: Clock,
        *,
        name: str = "",
        tail_seconds: float = 2.0,
    ) -> None:
        self._endpoint = endpoint
        self._session = session
        self._clock = clock
        self._name = name or f"{endpoint.model} ({endpoint.title})"
        self._tail_seconds = tail_seconds
        self._wants_usage = True
        self._headers = headers(endpoint)

    @property
    def name(self) -> str:
        return self._name

    def stream(self, prompt: Prompt) -> AbstractAsyncContextManager[AsyncIterator[Chunk]]:
        return self._streaming(prompt)

    @asynccontextmanager
    async def _streaming(self, prompt: Prompt) -> AsyncIterator[AsyncIterator[Chunk]]:
        response = await self._ask(prompt)
        chunks: AsyncGenerator[Chunk, None] | None = None
        try:
            if response.status != 200:
                raise await self._refusal(response)
            chunks = self._whole(response) if response.content_type == "application/json" else self._pieces(response)
            yield chunks
        finally:
            if chunks is not None:
                await chunks.aclose()
            response.close()

    async def _ask(self, prompt: Prompt) -> aiohttp.ClientResponse:
        if not (self._endpoint.key.isascii() and self._endpoint.key.isprintable()):
            raise self._malformed()
        content = body(self._endpoint, prompt, usage=self._wants_usage)
        try:
            return await self._post(content)
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError, ValueError):
            raise self._malformed() from None
        except (aiohttp.ClientError, OSError) as error:
            raise self._unreachable(error) from error

    async def _post(self, content: bytes) -> aiohttp.ClientResponse:
        """Send one request. If the pooled connection turns out to be closed before a byte was written, send it on
        another one."""
        try:
            return await self._post_once(content)
        except aiohttp.ClientOSError as error:
            if not isinstance(error.__cause__, aiohttp.ClientConnectionResetError) or NOT_SENT not in str(
                error.__cause__
            ):
                raise
        return await self._post_once(content)

    async def _post_once(self, content: bytes) -> aiohttp.ClientResponse:
        return await self._session.post(self._endpoint.url, data=content, headers=self._headers, allow_redirects=False)

    async def _pieces(self, response: aiohttp.ClientResponse) -> AsyncGenerator[Chunk, None]:
        answer = AnswerReader(self._endpoint)
        reader = SseReader()
        while not answer.closed:
            raw = await self._next(response, answer)
            if text := answer.take_all(reader.feed(raw) if raw else reader.end()):
                yield ChunkText(text)
                answer.take_all(())
            if not raw:
                break
        yield answer.end()
        await self._rest(response)

    async def _whole(self, response: aiohttp.ClientResponse) -> AsyncGenerator[Chunk, None]:
        """Yield the answer of a server that does not stream as a stream of one text."""
        answer = AnswerReader(self._endpoint)
        whole = bytearray()
        while raw := await self._next(response, answer):
            whole += raw
            if len(whole) > WHOLE_LIMIT:
                raise ModelBroken(f"{self._endpoint.title} sent an answer far too large.")
        if text := answer.take_whole(bytes(whole)):
            yield ChunkText(text)
        yield answer.end()

    async def _next(self, response: aiohttp.ClientResponse, answer: AnswerReader) -> bytes:
        """Return the next bytes, b"" at the end. After the reason of the end a missing tail is no failure."""
        try:
            if not answer.finished:
                return await response.content.readany()
            async with asyncio.timeout(self._tail_seconds):
                return await response.content.readany()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            if answer.finished:
                return b""
            raise ModelBroken() from error

    async def _rest(self, response: aiohttp.ClientResponse) -> None:
        """Read the end of the body, so that the connection can be reused. Data after [DONE] is ignored."""
        try:
            async with asyncio.timeout(REST_SECONDS):
                while await response.content.readany():
                    pass
        except (aiohttp.ClientError, OSError, TimeoutError):
            return

    async def _refusal(self, response: aiohttp.ClientResponse) -> ModelError:
        if response.status < 400:
            return ModelRefused(
                f"{self._endpoint.title} at {self._endpoint.place} answers HTTP {response.status}, which is no completion. "
                "Check MODEL_BASE_URL."
            )
        try:
            said = await read_up_to(response, ERROR_LIMIT)
        except (aiohttp.ClientError, OSError):
            said = b""
        if response.status in (400, 422) and self._wants_usage and rejects_usage(said):
            self._wants_usage = False
            return ModelRefused(
                f"{self._endpoint.title} cannot count tokens; it will not be asked to again. Send it again."
            )
        return refusal(self._endpoint, response.status, said, self._retry_after(response))

    def _retry_after(self, response: aiohttp.ClientResponse) -> float | None:
        """Return the Retry-After header in seconds, from a number or a date; None if absent or malformed."""
        said = response.headers.get("Retry-After", "").strip()
        try:
            return max(0.0, float(said))
        except ValueError:
            pass
        try:
            return max(0.0, parsedate_to_datetime(said).timestamp() - self._clock.now() / 1000)
        except ValueError:
            return None

    def _malformed(self) -> ModelError:
        return ModelRefused(
            f"The address or the key of {self._endpoint.title} is malformed. "
            f"Check MODEL_BASE_URL and {self._endpoint.key_env}."
        )

    def _unreachable(self, error: Exception) -> ModelError:
        title, place = self._endpoint.title, self._endpoint.place
        if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
            return ModelUnreachable(f"{title} at {place} could not prove who it is (TLS). Check MODEL_BASE_URL.")
        return ModelUnreachable(
            f"{title} at {place} does not answer. Your message is safe; send it again when it is back."
        )
