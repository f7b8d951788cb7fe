"""What a door may ask the house to do for itself."""

from dataclasses import dataclass

from everkin.jobs.housekeeping import Housekeeping
from everkin.jobs.reindexing import Reindexing


@dataclass(frozen=True, slots=True)
class Upkeep:
    housekeeping: Housekeeping
    reindexing: Reindexing
