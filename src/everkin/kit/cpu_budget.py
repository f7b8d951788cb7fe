"""A bound on CPU time for work that looks at it now and then."""

import time


class CpuBudget:
    """`seconds` of the thread that makes it, from now on. What others do on the machine meanwhile costs nothing of it."""

    def __init__(self, seconds: float) -> None:
        self._end = time.thread_time() + seconds
        self.refused = False
        """Whether somebody asked after it was spent, and so left work undone."""

    def spent(self) -> bool:
        if time.thread_time() >= self._end:
            self.refused = True
        return self.refused
