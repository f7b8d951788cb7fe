"""A receipt: what was forgotten, when, signed by the house."""

from collections.abc import Mapping
from dataclasses import dataclass

from everkin.domain.ids import Millis, UserId


@dataclass(frozen=True, slots=True)
class Receipt:
    """`what`: fact, message, conversation or user. `target_digest`: SHA-256 of the id that was forgotten, in hex: proof without
    the thing itself. `counts`: how many of each kind went. `scrubbed`: the bytes are gone from the files, too (False: they
    follow, or the database's rights did not suffice; health says which). `signature`: Ed25519 over `signed_bytes`, base64."""

    id: str
    user_id: UserId
    what: str
    target_digest: str
    counts: Mapping[str, int]
    at: Millis
    scrubbed: bool
    signature: str = ""
