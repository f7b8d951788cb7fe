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
LAST_WORDS = 2000


class _Answer(msgspec.Struct):
    address: str = ""
    error: str = ""


@dataclass
class ChildProcess:
    """A child process."""

    process: asyncio.subprocess.Process
    address: str = ""
    """Where it listens, once it does."""
    last_words: str = ""
    """The end of what it wrote to standard error."""
    ears: Tasks = field(default_factory=lambda: Tasks("local model"))

    async def ended(self) -> int:
        return await self.process.wait()

    async def end(self) -> None:
        """Closes its standard input, at which it ends itself; kills it when it does not."""
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
        assert self.process.stderr is not None
        while piece := await self.process.stderr.read(4096):
            self.last_words = (self.last_words + piece.decode("utf-8", "replace"))[-LAST_WORDS:]


async def start(order: ChildConfig) -> ChildProcess:
    """Returns once the model is loaded and listens. ModelMissing when its file cannot be loaded, ChildProcessError when
    the process died otherwise."""
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
