"""Tasks that belong to somebody: a group that starts, watches and ends them."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger("everkin.tasks")


class Tasks:
    """Background work of one part. A task that fails is logged and counted; the others go on.

    Unlike asyncio.TaskGroup one failure does not end its siblings: a turn that fails must not end other people's turns.
    """

    def __init__(self, name: str) -> None:
        self.failures = 0
        self._name = name
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def __len__(self) -> int:
        return len(self._tasks)

    async def drain(self, seconds: float) -> bool:
        """Waits for all to end; True when they did in time."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=seconds)
        return not self._tasks

    async def close(self) -> None:
        """Cancels what is left and waits for it."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.failures += 1
            log.error("a task of %s failed", self._name, exc_info=error)
