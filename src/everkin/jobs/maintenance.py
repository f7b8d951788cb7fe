"""What a door may ask the house to do for itself."""

from dataclasses import dataclass

from everkin.jobs.housekeeping import Housekeeping
from everkin.jobs.reindex import Reindex


@dataclass(frozen=True, slots=True)
class Maintenance:
    housekeeping: Housekeeping
    reindexing: Reindex
