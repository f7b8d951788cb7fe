"""One child process, from its start to its end."""

import asyncio
import logging
import sys
from dataclasses import dataclass, field

import msgspec

from everkin.domain.errors import ModelMissing
from everkin.kit.tasks import Tasks
from everkin.llm.local.child import FAILED_TO_LOAD, ChildConfig

log = logging.getLogger("everkin.llm")

END_SECONDS = 3.0
"""Seconds after which a child that does not end is killed."""
LAST_WORDS = 2000
"""Characters of standard error that are kept."""


class _Answer(msgspec.Struct):
    """The child's answer; both empty if it died before it answered."""

    address: str = ""
    """URL of the server once it listens."""
    error: str = ""
    """The reason why the weights could not be loaded."""


@dataclass
class ChildProcess:
    """A running child process."""

    process: asyncio.subprocess.Process
    """The process with its pipes."""
    address: str = ""
    """URL of its server; "" before it listens."""
    last_words: str = ""
    """The end of its standard error."""
    ears: Tasks = field(default_factory=lambda: Tasks("local model"))
    """The task that reads standard error."""

    async def ended(self) -> int:
        """Wait for the end and return the exit code."""
        return await self.process.wait()

    async def end(self) -> None:
        """Close its standard input, at which it ends itself; kill it if it does not."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            async with asyncio.timeout(END_SECONDS):
                await self.process.wait()
        except TimeoutError:
            self.process.kill()
            await self.process.wait()
        await self.ears.close()

    async def listen(self) -> None:
        """Read standard error until it closes."""
        assert self.process.stderr is not None
        while piece := await self.process.stderr.read(4096):
            self.last_words = (self.last_words + piece.decode("utf-8", "replace"))[-LAST_WORDS:]


async def start(order: ChildConfig) -> ChildProcess:
    """Start a child process and return once the model is loaded and served. Raises ModelMissing if the file cannot be
    loaded, ChildProcessError if the process died otherwise."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "everkin.llm.local.child",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    child = ChildProcess(process)
    child.ears.start(child.listen())
    try:
        answer = await _order(process, order)
        child.address = answer.address
        if not child.address:
            await _raise_for(child, answer.error)
    except BaseException:
        await child.end()
        raise
    return child


async def _order(process: asyncio.subprocess.Process, order: ChildConfig) -> _Answer:
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(msgspec.json.encode(order) + b"\n")
        await process.stdin.drain()
        return msgspec.json.decode(await process.stdout.readline(), type=_Answer)
    except (ConnectionError, msgspec.DecodeError):
        return _Answer()


async def _raise_for(child: ChildProcess, error: str) -> None:
    code = await child.ended()
    await child.ears.drain(1.0)
    if code != FAILED_TO_LOAD:
        raise ChildProcessError(f"ended with {code} while it loaded: {child.last_words}")
    log.error("the local model's file cannot be loaded: %s %s", error, child.last_words)
    raise ModelMissing(
        "The local model's file cannot be loaded. Fetch it again with `everkin models pull`, or choose another one."
    )
