"""Known devices: a browser or program in which a user has signed in with their password before.

A device keeps a token that proves this. The token gives no access; it only exempts later attempts of the same user from
the limits for unknown devices. The server stores none of it: the token is signed together with the hash of the password
it was issued for, so that a new password makes it worthless.
"""

import base64
import binascii
import hmac
import secrets

from everkin.domain.caller import User
from everkin.domain.ids import Millis
from everkin.kit.clock import Clock

LIFE_DAYS = 400
"""Counted from the last sign-in on the device: each issues a new token."""

_DAY = 24 * 3600_000
_NOBODY = "nobody"
_ID_BYTES, _TIME_BYTES, _MAC_BYTES = 12, 6, 32


class Devices:
    """Issues and checks device tokens. `secret`: the one that signs tokens, the same on all nodes; the key of device
    tokens is derived from it."""

    def __init__(self, secret: bytes, clock: Clock) -> None:
        self._key = hmac.digest(secret, b"everkin: known devices", "sha256")
        self._clock = clock

    def token(self, user: User, device_id: str = "") -> str:
        """Return a new token for a device of `user`; `device_id` of a device that is known already."""
        signed = bytes.fromhex(device_id or secrets.token_hex(_ID_BYTES)) + self._clock.now().to_bytes(_TIME_BYTES)
        return base64.urlsafe_b64encode(signed + self._mac(signed, user)).decode()

    def known(self, token: str, user: User | None) -> str:
        """Return the id of the device, or "" when `token` does not belong to this user (or there is no such user: that
        takes as long)."""
        try:
            content = base64.urlsafe_b64decode(token.encode())
        except (ValueError, binascii.Error):
            return ""
        signed, mac = content[:-_MAC_BYTES], content[-_MAC_BYTES:]
        genuine = hmac.compare_digest(mac, self._mac(signed, user))
        if not genuine or user is None or len(signed) != _ID_BYTES + _TIME_BYTES:
            return ""
        given_at = Millis(int.from_bytes(signed[_ID_BYTES:]))
        return signed[:_ID_BYTES].hex() if self._clock.now() - given_at < LIFE_DAYS * _DAY else ""

    def _mac(self, signed: bytes, user: User | None) -> bytes:
        bound_to = f"{user.id}|{user.password_hash}" if user is not None else _NOBODY
        return hmac.digest(self._key, signed + bound_to.encode(), "sha256")
