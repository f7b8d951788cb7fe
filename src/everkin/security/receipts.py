"""Signed receipts of erasure, which can be verified with this server's public key."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from everkin.domain.ids import Millis, UserId, new_receipt_id
from everkin.domain.receipt import Receipt

KEY_FILE = "receipts.key"


def digest_of(target: str) -> str:
    return hashlib.sha256(target.encode()).hexdigest()


def signed_bytes(receipt: Receipt) -> bytes:
    """Return the signed content: JSON of all other fields, keys sorted, no spaces."""
    told = {
        "id": receipt.id,
        "userId": receipt.user_id,
        "what": receipt.what,
        "targetDigest": receipt.target_digest,
        "counts": dict(receipt.counts),
        "at": receipt.at,
        "scrubbed": receipt.scrubbed,
    }
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


class Signer:
    """Signs receipts. `secret`: the one that signs tokens, the same on all nodes; the key of receipts is derived from
    it."""

    def __init__(self, secret: bytes) -> None:
        seed = hmac.digest(secret, b"everkin: receipts of forgetting", "sha256")
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def public_key(self) -> str:
        """The public key: 32 bytes, base64."""
        return base64.b64encode(self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()

    def receipt(
        self, user_id: UserId, what: str, target: str, counts: Mapping[str, int], at: Millis, *, scrubbed: bool
    ) -> Receipt:
        bare = Receipt(new_receipt_id(), user_id, what, digest_of(target), counts, at, scrubbed)
        return replace(bare, signature=base64.b64encode(self._key.sign(signed_bytes(bare))).decode())

    def is_about(self, receipt: Receipt, what: str, target: str) -> bool:
        return (receipt.what, receipt.target_digest) == (what, digest_of(target))


def is_genuine(receipt: Receipt, public_key: str) -> bool:
    """Whether the receipt was signed with this key and is unchanged."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key))
        key.verify(base64.b64decode(receipt.signature), signed_bytes(receipt))
    except (InvalidSignature, ValueError):
        return False
    return True
