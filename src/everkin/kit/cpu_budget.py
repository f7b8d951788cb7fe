"""A limit on CPU time for work that checks it regularly."""

import time


class CpuBudget:
    """At most `seconds` of CPU time of the creating thread from now on. Load from other processes does not count."""

    def __init__(self, seconds: float) -> None:
        self._end = time.thread_time() + seconds
        self.refused = False
        """True once `spent` has returned True, so that work was left undone."""

    def spent(self) -> bool:
        """Return True when the CPU time is used up."""
        if time.thread_time() >= self._end:
            self.refused = True
        return self.refused
