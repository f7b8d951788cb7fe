"""A receipt: what was forgotten, when, signed by the house."""

from collections.abc import Mapping
from dataclasses import dataclass

from everkin.domain.ids import Millis, UserId


@dataclass(frozen=True, slots=True)
class Receipt:
    id: str
    user_id: UserId
    what: str
    """Fact, message, conversation or user."""
    target_digest: str
    """SHA-256 of the id that was forgotten, in hex: proof without the thing itself."""
    counts: Mapping[str, int]
    """How many of each kind went."""
    at: Millis
    scrubbed: bool
    """The bytes are gone from the files, too (False: they follow, or the database's rights did not suffice; health says
    which)."""
    signature: str = ""
    """Ed25519 over `signed_bytes`, base64."""
