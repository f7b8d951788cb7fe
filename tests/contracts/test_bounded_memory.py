"""What the process keeps is bounded in bytes, and given back. Counted by the parts themselves, not by the process's size."""

from pathlib import Path

from everkin.jobs.runner import JobRunner, JobRunnerConfig
from everkin.kit.clock import ManualClock, settle
from everkin.storage.sql.record import Record, open_record


class OnePieceAtATime:
    """A job with a piece of work whenever it is told of one."""

    name = "sample"

    def __init__(self) -> None:
        self.waiting = 0

    async def find(self, limit: int) -> list[int]:
        return [1] * min(self.waiting, 1)

    async def do(self, work: int) -> bool:
        self.waiting -= 1
        return True


async def cache_kib(record: Record) -> list[int]:
    """Of a connection that reads, and of the one that writes."""
    reading = await record.database.read(lambda connection: connection.exec_driver_sql("PRAGMA cache_size").scalar())
    writing = await record.database.change(lambda connection: connection.exec_driver_sql("PRAGMA cache_size").scalar())
    return [-int(reading or 0), -int(writing or 0)]


async def test_sqlite_keeps_at_most_what_health_says(tmp_path: Path) -> None:
    async with open_record("", tmp_path) as record:
        reading, writing = await cache_kib(record)
        assert record.database.page_cache_limit == (writing + 4 * reading) * 1024 <= 24 * 2**20


async def test_freed_memory_is_given_back_after_work_and_at_most_once_a_minute() -> None:
    clock, job, given_back = ManualClock(), OnePieceAtATime(), []

    async def tidying() -> None:
        given_back.append(clock.monotonic())

    jobs = JobRunner([job], lambda: 0, clock, JobRunnerConfig(quiet=1.0, look=1000.0, tidy=60.0), tidying)
    jobs.open()
    try:
        for _ in range(130):
            job.waiting += 1
            jobs.wake()
            await clock.advance(1.0)
            await settle()
        assert jobs.done["sample"] >= 30
        assert 2 <= len(given_back) <= 3
    finally:
        await jobs.close()
