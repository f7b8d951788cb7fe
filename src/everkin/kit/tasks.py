"""Groups of background tasks with an owner that starts, watches and cancels them."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger("everkin.tasks")


class Tasks:
    """Background tasks of one component. A task that fails is logged and counted; the others continue.

    Unlike in asyncio.TaskGroup one failure does not cancel the others: a failed turn must not end turns of other users.
    """

    def __init__(self, name: str) -> None:
        self.failures = 0
        self._name = name
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Start a task in the running event loop."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def __len__(self) -> int:
        return len(self._tasks)

    async def drain(self, seconds: float) -> bool:
        """Wait until all tasks have ended; return True if they did within `seconds`."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=seconds)
        return not self._tasks

    async def close(self) -> None:
        """Cancel the remaining tasks and wait for them."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.failures += 1
            log.error("a task of %s failed", self._name, exc_info=error)
