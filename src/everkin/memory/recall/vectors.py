"""Unit vectors of one pair in one growing matrix, found by id."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

DTYPE = "<f2"
"""How a vector is stored: little-endian float16."""


class Matrix:
    """Rows are float32, so that the product runs at the speed of memory. Row numbers never change."""

    def __init__(self, dimension: int) -> None:
        import numpy as np

        self._rows: Floats = np.zeros((16, dimension), np.float32)
        self._used = 0

    def __len__(self) -> int:
        return self._used

    @property
    def rows(self) -> "Floats":
        return self._rows[: self._used]

    @property
    def size(self) -> int:
        return self._rows.nbytes

    def grow(self, number: int) -> None:
        """Makes room for `number` rows in all; new ones are zero."""
        import numpy as np

        if number > len(self._rows):
            wider = np.zeros((max(number, len(self._rows) * 5 // 4), self._rows.shape[1]), np.float32)
            wider[: self._used] = self.rows
            self._rows = wider
        self._used = max(self._used, number)

    def fill(self, found: Iterable[tuple[int, bytes]]) -> None:
        """(row, stored vector); one of another dimension is left out."""
        import numpy as np

        for row, stored in found:
            vector = np.frombuffer(stored, DTYPE)
            if len(vector) == self._rows.shape[1]:
                self._rows[row] = vector
