"""File permissions that exclude other accounts of the machine. Without POSIX permissions (Windows) these functions
do not change anything."""

import contextlib
import logging
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

log = logging.getLogger("everkin.files")

FILE, FOLDER = 0o600, 0o700
_OTHERS = 0o077


def make_new_files_private() -> None:
    """Make new files of this process and its children private by default (umask)."""
    os.umask(_OTHERS)


def make_private(path: Path) -> None:
    """Create an empty private file if there is none. Raises OSError."""
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE))


def tighten(folder: Path, patterns: Sequence[str]) -> None:
    """Remove other accounts' permissions from paths in `folder` that match `patterns`, and from all files below them.

    Logs a warning for files that cannot be changed. Does not follow links and does not change `folder` itself.
    """
    if os.name != "posix":
        return
    left = [path for path in _ours(folder, patterns) if not _tightened(path)]
    if left:
        log.warning(
            "%s (and %d more) may be read by other accounts of this machine, and belongs to another account than the "
            "one Everkin runs under. Change its owner, or run: chmod -R go-rwx %s",
            left[0],
            len(left) - 1,
            folder,
        )
    if stat.S_IMODE(folder.stat().st_mode) & _OTHERS:
        log.info(
            "Other accounts of this machine may look into %s; Everkin's own files there are closed to them.", folder
        )


def _ours(folder: Path, patterns: Sequence[str]) -> Iterator[Path]:
    for pattern in patterns:
        for path in folder.glob(pattern):
            yield path
            if path.is_dir() and not path.is_symlink():
                yield from path.rglob("*")


def _tightened(path: Path) -> bool:
    """Return True when other accounts have no permissions, or the file no longer exists."""
    try:
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode) or not mode & _OTHERS:
            return True
        path.chmod(stat.S_IMODE(mode) & ~_OTHERS)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
