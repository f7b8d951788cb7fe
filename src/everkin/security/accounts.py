"""Accounts: the user of a token, signing in and out."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from everkin.domain.caller import DEFAULT_NAME, Caller, Role, User
from everkin.domain.errors import Conflict, Forbidden, Invalid, NotFound, StartError, Unauthenticated
from everkin.domain.ids import Millis, UserId, new_user_id
from everkin.kit.clock import Clock
from everkin.security.account_status import AccountStatus
from everkin.security.addresses import address_key
from everkin.security.denials import Denials
from everkin.security.devices import Devices
from everkin.security.external import ExternalClaims, ExternalIssuer
from everkin.security.hashing_queue import Applicant
from everkin.security.login_limits import Attempt, LoginLimits
from everkin.security.logins import OWNER_LOGIN, checked_login, checked_name, normal_login
from everkin.security.names import own_name
from everkin.security.passwords import Passwords, check_password, normal_password
from everkin.security.ports import Counts, Tokens, Users
from everkin.security.secret import LEAST_BYTES
from everkin.security.sign_in_keys import SignInKeys
from everkin.security.tokens import ALGORITHM, LEEWAY_SECONDS, AccessTokens, algorithm_of, family_of, new_family

LONGEST_ACCESS_MINUTES = 15
LONGEST_PRINTED_MINUTES = 24 * 60
"""The limit for a token requested explicitly by the owner of the machine, for scripts."""

OPERATOR = Applicant("operator", first=True)
"""Commands on the machine itself do not wait behind other sign-ins."""

_MINUTE = 60_000
_DAY = 24 * 60 * _MINUTE
_LONGEST_LIFE = max(LONGEST_ACCESS_MINUTES, LONGEST_PRINTED_MINUTES) * _MINUTE + LEEWAY_SECONDS * 1000
"""The longest life of any access token, in milliseconds."""


@dataclass(frozen=True, slots=True)
class TokenPair:
    access: str
    """Goes into the Authorization header or Socket.IO's auth.token."""
    refresh: str
    """Can be exchanged for the next pair, once."""
    expires_at: Millis
    """When the access token ends."""
    user: User
    """The signed-in user."""
    device: str = ""
    """After a sign-in with a password: identifies this device at the next sign-in (security/devices.py)."""


@dataclass(frozen=True, slots=True)
class AccountsConfig:
    secret: bytes
    """Signs tokens; at least LEAST_BYTES bytes."""
    access_minutes: float = 15
    """Life of an access token, at most LONGEST_ACCESS_MINUTES."""
    refresh_days: float = 30
    """Life of a refresh token."""
    signup: bool = False
    """ALLOW_SIGNUP."""

    def __post_init__(self) -> None:
        if len(self.secret) < LEAST_BYTES:
            raise StartError(f"JWT_SECRET is too short: it needs {LEAST_BYTES} bytes or more.")
        if not 0 < self.access_minutes <= LONGEST_ACCESS_MINUTES:
            raise StartError(f"ACCESS_TOKEN_MINUTES must be between 1 and {LONGEST_ACCESS_MINUTES}.")
        if self.refresh_days <= 0:
            raise StartError("REFRESH_TOKEN_DAYS must be 1 or more.")


class Accounts:
    def __init__(
        self,
        users: Users,
        tokens: Tokens,
        clock: Clock,
        config: AccountsConfig,
        counts: Counts,
        *,
        external: ExternalIssuer | None = None,
        passwords: Passwords | None = None,
    ) -> None:
        self._users = users
        self._tokens = tokens
        self._clock = clock
        self._config = config
        self._external = external
        self._passwords = passwords or Passwords()
        self._limits = LoginLimits(counts, clock)
        self._devices = Devices(config.secret, clock)
        self._access = AccessTokens(config.secret, clock)
        self._denials = Denials(tokens, clock)
        self._standing = AccountStatus(users, self._denials, clock)
        self.sign_in_keys = SignInKeys(config.secret, tokens, clock)
        """Keys that let the owner sign in once, on the machine Everkin runs on."""

    async def caller_of(self, token: str) -> Caller:
        """Return the caller of an access token. Raises Unauthenticated when the token is wrong, expired, denied, or its
        user is deleted or disabled."""
        if algorithm_of(token) != ALGORITHM and self._external is not None:
            return await self._external_caller(await self._external.read(token))
        claims = self._access.read(token)
        user = await self._standing.user_of(claims.user_id, claims.token_id)
        return Caller(user.id, user.role, user.name, claims.token_id, claims.expires_at)

    async def still_valid(self, caller: Caller) -> bool:
        """Whether the caller still has access: not expired, not logged out, not disabled. Cheap enough for every
        event."""
        if caller.expires_at <= self._clock.now():
            return False
        try:
            await self._standing.user_of(caller.user_id, caller.token_id)
        except Unauthenticated:
            return False
        return True

    async def login(self, login: str, password: str, *, address: str = "", device: str = "") -> TokenPair:
        """Sign in with a password. `address` of the client, `device`: the token of an earlier sign-in on the same
        device.

        Raises:
            Unauthenticated: wrong login or password, without telling which.
            TooMany: after many wrong attempts by this address, for this login, or on this device.
            Invalid: the text cannot be a password.
            Busy: this address takes more than its share of a full queue.
        """
        name, password = normal_login(login), normal_password(password)
        user = await self._users.by_login(name)
        attempt = await self._limits.attempt(name, address, self._devices.known(device, user))
        await self._limits.check(attempt)
        async with self._passwords.turn(_applicant(attempt, user)):
            await self._limits.begin(attempt)
            user = await self._checked(user, password)
        if user is None:
            await self._limits.failed(attempt)
            raise Unauthenticated("The login or the password is wrong.")
        self._limits.succeeded(attempt)
        return await self._pair_for_device(user, attempt.device)

    async def _checked(self, user: User | None, password: str) -> User | None:
        """Return the user if the password is right, else None; takes as long for an unknown user. Hashes the password
        again if its parameters are outdated."""
        known = user.password_hash if user is not None else None
        if not await self._passwords.verify(known, password) or user is None or user.disabled:
            return None
        if known is None or not self._passwords.outdated(known):
            return user
        digest = await self._passwords.hash(password)
        await self._users.set_password(user.id, digest)
        return replace(user, password_hash=digest)

    async def register(self, login: str, password: str, name: str = "", *, address: str = "") -> TokenPair:
        """Make an account. Raises Forbidden unless ALLOW_SIGNUP is set; Conflict when the login is taken; Invalid for a
        weak password; TooMany after many accounts made by this address."""
        if not self._config.signup:
            raise Forbidden("New accounts are not open here. Ask the owner of this Everkin for one.")
        await self._limits.register(address)
        applicant = Applicant(address_key(address))
        return await self._pair_for_device(await self._create(login, password, name, applicant))

    async def add_user(self, login: str, password: str, name: str = "") -> User:
        """Make an account for the operator (`everkin users add`). Raises Conflict, Invalid."""
        return await self._create(login, password, name, OPERATOR)

    async def _create(self, login: str, password: str, name: str, applicant: Applicant) -> User:
        login = checked_login(login)
        check_password(password, login)
        shown = checked_name(name) or login.partition("@")[0]
        async with self._passwords.turn(applicant):
            digest = await self._passwords.hash(password)
        return await self._users.create(
            User(new_user_id(), login, shown, Role.USER, self._clock.now(), password_hash=digest)
        )

    async def set_password(self, login: str, password: str) -> None:
        """Set a user's password for the operator (`everkin users password`). Ends all sign-ins of the user, as logging
        out does: their tokens and known devices are no longer accepted. A server in another process follows within
        denials.FRESH_SECONDS. The first-run owner is created if there is none. Raises NotFound; Invalid for a weak
        password."""
        user = await (self.ensure_owner() if normal_login(login) == OWNER_LOGIN else self._by_login(login))
        check_password(password, user.login)
        async with self._passwords.turn(OPERATOR):
            digest = await self._passwords.hash(password)
        await self._users.set_password(user.id, digest)
        now = self._clock.now()
        await self._tokens.revoke_user(user.id, Millis(now - _LONGEST_LIFE), Millis(now + _LONGEST_LIFE))

    async def set_name(self, login: str, name: str) -> User:
        """Set the name that characters call a user, for the operator (`everkin users name`). Raises NotFound,
        Invalid."""
        return await self._users.set_name((await self._by_login(login)).id, own_name(name))

    async def people(self, caller: Caller, logins: Sequence[str]) -> list[UserId]:
        """Return the ids of the users that the owner wants to add to a conversation, by login. Raises Forbidden for any
        other caller (so that logins cannot be guessed this way), NotFound for an unknown login."""
        if logins and not caller.is_owner:
            raise Forbidden("Only the owner of this house may bring other people into a conversation.")
        found = []
        for login in logins:
            user = await self._users.by_login(normal_login(login))
            if user is None:
                raise NotFound(f"There is nobody with the login {login} here.", field="participants")
            found.append(user.id)
        return found

    async def known(self, user_id: UserId) -> User:
        """Return a user, for the operator. Raises NotFound."""
        return await self._users.get(user_id)

    async def users(self) -> list[User]:
        """Return all users, for the operator."""
        return await self._users.list()

    async def refresh(self, refresh: str, *, address: str = "") -> TokenPair:
        """Exchange a refresh token for the next pair. It works once: used again it ends the whole sign-in, since a
        second holder has a copy. Raises Unauthenticated; TooMany after many unknown tokens from this address (a token
        of ours is always checked)."""
        digest = _digest(refresh)
        if not await self._tokens.knows_refresh(digest):
            await self._limits.refresh(address)
        try:
            user_id, family = await self._use_refresh(refresh, digest)
        except Unauthenticated:
            await self._limits.refresh_failed(address)
            raise
        user = await self.user(user_id)
        if user.disabled:
            raise Unauthenticated("This account is switched off.")
        return await self._pair(user, family)

    async def _use_refresh(self, refresh: str, digest: str) -> tuple[UserId, str]:
        try:
            found = await self._tokens.use_refresh(digest, self._clock.now())
        except Unauthenticated:
            await self._end(family_of(refresh))
            raise
        if found is None:
            raise Unauthenticated
        return found

    async def logout(self, caller: Caller) -> None:
        """Deny the access token and revoke the refresh tokens of the same sign-in."""
        await self._denials.add(caller.token_id, Millis(caller.expires_at + LEEWAY_SECONDS * 1000))
        await self._end(family_of(caller.token_id))

    async def owner_tokens(self, minutes: float | None = None) -> TokenPair:
        """Return tokens of the first-run owner. The caller has made sure that they may be issued: by a sign-in key, or
        because the program can read the data folder. `minutes`: life of the access token (None: the setting), up to a
        day, for scripts (`everkin token --minutes`). Raises Invalid."""
        if minutes is not None and not 0 < minutes <= LONGEST_PRINTED_MINUTES:
            raise Invalid(
                f"A token lives between 1 and {LONGEST_PRINTED_MINUTES} minutes.",
                field="minutes",
                limit=LONGEST_PRINTED_MINUTES,
            )
        return await self._pair(await self.ensure_owner(), new_family(), minutes)

    async def ensure_owner(self) -> User:
        """Return the first-run owner, created without a password if there is none."""
        if (owner := await self._users.first_owner()) is not None:
            return owner
        try:
            return await self._users.create(
                User(new_user_id(), OWNER_LOGIN, DEFAULT_NAME, Role.OWNER, self._clock.now())
            )
        except Conflict:  # another process made it at the same moment
            owner = await self._users.first_owner()
            if owner is None:
                raise
            return owner

    async def user(self, user_id: UserId) -> User:
        """Return a user. Raises Unauthenticated for a deleted one."""
        try:
            return await self._users.get(user_id)
        except NotFound:
            raise Unauthenticated from None

    async def forget_expired(self) -> int:
        """Delete expired tokens (housekeeping) and return their number."""
        return await self._tokens.forget_expired(self._clock.now())

    async def _by_login(self, login: str) -> User:
        user = await self._users.by_login(normal_login(login))
        if user is None:
            raise NotFound(f"There is nobody with the login {login}. `everkin users list` shows who there is.")
        return user

    async def _pair(self, user: User, family: str, minutes: float | None = None) -> TokenPair:
        now = self._clock.now()
        access, expires_at = self._access.issue(user, family, minutes or self._config.access_minutes)
        refresh = f"{family}.{secrets.token_urlsafe(32)}"
        ends = Millis(now + round(self._config.refresh_days * _DAY))
        await self._tokens.store_refresh(_digest(refresh), family, user.id, ends, now)
        return TokenPair(access, refresh, expires_at, user)

    async def _pair_for_device(self, user: User, device_id: str = "") -> TokenPair:
        pair = await self._pair(user, new_family())
        return replace(pair, device=self._devices.token(user, device_id))

    async def _end(self, family: str) -> None:
        """End a sign-in. Its access tokens have the usual life only, since it was refreshed."""
        longest = round(self._config.access_minutes * _MINUTE) + LEEWAY_SECONDS * 1000
        await self._tokens.revoke_family(family)
        await self._denials.add(family, Millis(self._clock.now() + longest))

    async def _external_caller(self, claims: ExternalClaims) -> Caller:
        user = await self._users.by_subject(claims.issuer, claims.subject) or await self._welcome(claims)
        user = await self._standing.user_of(user.id, claims.token_id)
        return Caller(user.id, user.role, user.name, claims.token_id, claims.expires_at)

    async def _welcome(self, claims: ExternalClaims) -> User:
        """Create the account of an external issuer's user at the first request."""
        login = f"x:{hashlib.sha256(f'{claims.issuer}|{claims.subject}'.encode()).hexdigest()[:40]}"
        newcomer = User(
            new_user_id(),
            login,
            claims.name,
            Role.USER,
            self._clock.now(),
            issuer=claims.issuer,
            subject=claims.subject,
        )
        try:
            return await self._users.create(newcomer)
        except Conflict:  # the user's first two requests came at once
            user = await self._users.by_subject(claims.issuer, claims.subject)
            if user is None:
                raise
            return user


def _applicant(attempt: Attempt, user: User | None) -> Applicant:
    if attempt.device and user is not None:
        return Applicant(user.id, first=True)
    return Applicant(attempt.address)


def _digest(refresh: str) -> str:
    return hashlib.sha256(refresh.encode("utf-8", "replace")).hexdigest()
