"""Checks of `everkin doctor` on disk. They create and change no files."""

import os
import shutil
import stat
from pathlib import Path

from everkin.cli.findings import Finding, ok, problem, warning
from everkin.interfaces.pages import PAGE
from everkin.security.loopback import is_loopback
from everkin.security.secret import LEAST_BYTES
from everkin.settings import Settings

LEAST_FREE_MIB = 200
"""Below this, writing to the database is about to fail."""

LITTLE_FREE_MIB = 1024
"""Below this, a larger local model does not fit."""

_OTHERS = 0o077


def check_folder(settings: Settings) -> list[Finding]:
    data = settings.storage.data
    if not data.exists():
        return [ok("data folder", f"{data} is not there yet; the first `everkin serve` makes it.")]
    if not data.is_dir():
        return [problem("data folder", f"{data} is not a folder. Choose another one with --data or EVERKIN_DATA.")]
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        return [problem("data folder", f"{data} cannot be read and written by this user. {_mend_owner(data)}")]
    return [*_owner(data), *_modes(data)]


def check_disk(settings: Settings) -> list[Finding]:
    data = settings.storage.data
    existing = next(folder for folder in (data, *data.absolute().parents) if folder.exists())
    free = shutil.disk_usage(existing).free // 2**20
    told = f"{free:,} MiB are free at {existing}."
    if free < LEAST_FREE_MIB:
        return [problem("disk", f"{told} Make room: soon nothing can be stored any more.")]
    if free < LITTLE_FREE_MIB:
        return [warning("disk", f"{told} A larger language model does not fit any more.")]
    return [ok("disk", told)]


def check_secret(settings: Settings) -> list[Finding]:
    file = settings.storage.data / "secret.key"
    if settings.auth.jwt_secret:
        return [ok("secret", "Tokens are signed with JWT_SECRET.")]
    if not is_loopback(settings.server.host):
        return [
            problem("secret", "HOST lets other machines connect, so JWT_SECRET must be set (openssl rand -hex 32).")
        ]
    if not file.exists():
        return [ok("secret", "The first `everkin serve` makes it, in the data folder.")]
    try:
        long_enough = len(file.read_bytes()) >= LEAST_BYTES
    except OSError as error:
        return [problem("secret", f"{file} cannot be read ({error.strerror}). {_mend_owner(file)}")]
    if not long_enough:
        return [problem("secret", f"{file} is damaged. Delete it: a new one is made, and everybody signs in again.")]
    return [ok("secret", f"Tokens are signed with {file}.")]


def check_page(settings: Settings) -> list[Finding]:
    if (PAGE / "index.html").is_file():
        return [ok("page", "It is built.")]
    return [
        warning("page", "It is not built. Install Node.js 20 or newer and run `make web`; all else works without it.")
    ]


def _owner(data: Path) -> list[Finding]:
    owner = data.stat().st_uid
    if os.name != "posix" or owner == os.geteuid():
        return [ok("data folder", f"{data} belongs to this user.")]
    return [warning("data folder", f"{data} belongs to user {owner}. Run Everkin and its commands as that user.")]


def _modes(data: Path) -> list[Finding]:
    """Warn of files that other users may read. Links are not followed."""
    if os.name != "posix":
        return []
    open_ones = [path for path in (data, *data.rglob("*")) if _is_open(path)]
    if not open_ones:
        return [ok("file modes", "Only their owner may read the data folder and its files.")]
    return [
        warning(
            "file modes",
            f"Other users of this machine may read {open_ones[0]} ({len(open_ones)} such). Run: chmod -R go-rwx {data}",
        )
    ]


def _is_open(path: Path) -> bool:
    try:
        mode = path.lstat().st_mode
    except OSError:
        return False
    return not stat.S_ISLNK(mode) and bool(mode & _OTHERS)


def _mend_owner(path: Path) -> str:
    return f"Give it to the user Everkin runs as: chown -R USER {path}"
