"""Maintenance: the tasks that an operator can start through an interface."""

from dataclasses import dataclass

from everkin.jobs.housekeeping import Housekeeping
from everkin.jobs.reindex import Reindex


@dataclass(frozen=True, slots=True)
class Maintenance:
    """The maintenance tasks."""

    housekeeping: Housekeeping
    """Cleans up, archives and purges."""
    reindexing: Reindex
    """Rebuilds the search index."""
