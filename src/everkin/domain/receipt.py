"""Receipts: signed proof of an erasure."""

from collections.abc import Mapping
from dataclasses import dataclass

from everkin.domain.ids import Millis, UserId


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that an object was erased, signed by the server's key."""

    id: str
    """The receipt's id."""
    user_id: UserId
    """The user whose data was erased."""
    what: str
    """Kind of the object: `fact`, `message`, `conversation` or `user`."""
    target_digest: str
    """SHA-256 of the erased object's id, in hex: identifies it without storing the id."""
    counts: Mapping[str, int]
    """Erased rows per kind."""
    at: Millis
    """Unix milliseconds."""
    scrubbed: bool
    """True: the bytes were overwritten in the files, too. False: still pending, or the database account lacks the
    rights; the health report says which."""
    signature: str = ""
    """Ed25519 over `signed_bytes`, base64."""
