"""The secret that signs tokens: set by the operator, or created on the first run."""

import os
import secrets
from pathlib import Path

from everkin.domain.errors import StartError

LEAST_BYTES = 32


def choose_secret(configured: str, data_folder: Path, *, loopback: bool) -> bytes:
    """Return `configured` (JWT_SECRET) if it is set. Else, on loopback only, the secret kept in the data folder. Raises
    StartError for a short secret, and for a missing one if other machines can connect."""
    if configured:
        return _long_enough(configured.encode())
    if not loopback:
        raise StartError(
            "Everkin would be open to other machines, so JWT_SECRET must be set to at least 32 random bytes, "
            'for example from: python3 -c "import secrets; print(secrets.token_hex(32))"'
        )
    return load_secret(data_folder)


def load_secret(data_folder: Path) -> bytes:
    """Return the secret kept in `data_folder/secret.key`, created on the first call, readable by this user only. Two
    processes that create it at once end up with the same one. Raises StartError."""
    path = data_folder / "secret.key"
    try:
        if not path.exists():
            _make(path)
        return _long_enough(path.read_bytes())
    except OSError as error:
        raise StartError(f"{path} cannot be read or made ({error.strerror}). Check who owns the data folder.") from None


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(secrets.token_bytes(LEAST_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _long_enough(secret: bytes) -> bytes:
    if len(secret) < LEAST_BYTES:
        raise StartError(
            f"The secret that signs tokens (JWT_SECRET) is too short: it needs {LEAST_BYTES} bytes or more."
        )
    return secret
