"""Matrix: unit vectors in one growing array."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

DTYPE = "<f2"
"""Format of a stored vector: little-endian float16."""


class Matrix:
    """A growing array. Rows are float32, so that the product runs at memory speed. Row numbers never change."""

    def __init__(self, dimension: int) -> None:
        import numpy as np

        self._rows: Floats = np.zeros((16, dimension), np.float32)
        self._used = 0

    def __len__(self) -> int:
        return self._used

    @property
    def rows(self) -> "Floats":
        """The rows in use, as a view."""
        return self._rows[: self._used]

    @property
    def size(self) -> int:
        """Allocated bytes."""
        return self._rows.nbytes

    def grow(self, number: int) -> None:
        """Make room for `number` rows in all; new rows are zero."""
        import numpy as np

        if number > len(self._rows):
            wider = np.zeros((max(number, len(self._rows) * 5 // 4), self._rows.shape[1]), np.float32)
            wider[: self._used] = self.rows
            self._rows = wider
        self._used = max(self._used, number)

    def fill(self, found: Iterable[tuple[int, bytes]]) -> None:
        """Write vectors given as (row, stored vector). A vector of another dimension is ignored."""
        import numpy as np

        for row, stored in found:
            vector = np.frombuffer(stored, DTYPE)
            if len(vector) == self._rows.shape[1]:
                self._rows[row] = vector
