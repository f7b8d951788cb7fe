"""Accounts: who a token belongs to, signing in and out."""

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
"""For a token the owner of the machine asks for by name, for scripts."""

OPERATOR = Applicant("operator", first=True)
"""Commands at the machine itself do not wait behind strangers."""

_MINUTE = 60_000
_DAY = 24 * 60 * _MINUTE
_LONGEST_LIFE = max(LONGEST_ACCESS_MINUTES, LONGEST_PRINTED_MINUTES) * _MINUTE + LEEWAY_SECONDS * 1000
"""Of any access token, in milliseconds."""


@dataclass(frozen=True, slots=True)
class TokenPair:
    access: str
    """Goes into the Authorization header or Socket.IO's auth.token."""
    refresh: str
    """Buys the next pair, once."""
    expires_at: Millis
    user: User
    device: str = ""
    """After a password was given: what makes this device a known one at the next sign-in (security/devices.py)."""


@dataclass(frozen=True, slots=True)
class AccountsConfig:
    secret: bytes
    access_minutes: float = 15
    refresh_days: float = 30
    signup: bool = False

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
        """Let the owner in once, at the machine Everkin runs on."""

    async def caller_of(self, token: str) -> Caller:
        """Unauthenticated when the token is wrong, expired, denied, or its user is gone or disabled."""
        if algorithm_of(token) != ALGORITHM and self._external is not None:
            return await self._external_caller(await self._external.read(token))
        claims = self._access.read(token)
        user = await self._standing.user_of(claims.user_id, claims.token_id)
        return Caller(user.id, user.role, user.name, claims.token_id, claims.expires_at)

    async def still_valid(self, caller: Caller) -> bool:
        """Cheap enough for every event: not expired, not logged out, not disabled."""
        if caller.expires_at <= self._clock.now():
            return False
        try:
            await self._standing.user_of(caller.user_id, caller.token_id)
        except Unauthenticated:
            return False
        return True

    async def login(self, login: str, password: str, *, address: str = "", device: str = "") -> TokenPair:
        """`address` of the client, `device`: the token an earlier sign-in on the same device gave.

        Raises:
            Unauthenticated: a wrong pair, with nothing to tell which half was wrong.
            TooMany: after many wrong tries by this address, for this login, or on this device.
            Invalid: what cannot be a password.
            Busy: this address takes more than its share of a full waiting room.
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
        """None when it is not theirs; as slow for nobody as for somebody. Hashes the password anew where that is due."""
        known = user.password_hash if user is not None else None
        if not await self._passwords.verify(known, password) or user is None or user.disabled:
            return None
        if known is None or not self._passwords.outdated(known):
            return user
        digest = await self._passwords.hash(password)
        await self._users.set_password(user.id, digest)
        return replace(user, password_hash=digest)

    async def register(self, login: str, password: str, name: str = "", *, address: str = "") -> TokenPair:
        """Forbidden unless ALLOW_SIGNUP; Conflict when the login is taken; Invalid for a weak password; TooMany after many
        accounts made by this address."""
        if not self._config.signup:
            raise Forbidden("New accounts are not open here. Ask the owner of this Everkin for one.")
        await self._limits.register(address)
        applicant = Applicant(address_key(address))
        return await self._pair_for_device(await self._create(login, password, name, applicant))

    async def add_user(self, login: str, password: str, name: str = "") -> User:
        """By the operator (`everkin users add`)."""
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
        """By the operator (`everkin users password`). NotFound; Invalid for a weak one. Ends all of
        their sign-ins, as logging out does: no token of theirs serves any more, no device of theirs is a known one. A
        server in another process follows within denials.FRESH_SECONDS. The first-run owner is made when there is none yet."""
        user = await (self.ensure_owner() if normal_login(login) == OWNER_LOGIN else self._by_login(login))
        check_password(password, user.login)
        async with self._passwords.turn(OPERATOR):
            digest = await self._passwords.hash(password)
        await self._users.set_password(user.id, digest)
        now = self._clock.now()
        await self._tokens.revoke_user(user.id, Millis(now - _LONGEST_LIFE), Millis(now + _LONGEST_LIFE))

    async def set_name(self, login: str, name: str) -> User:
        """By the operator (`everkin users name`): what characters call them. NotFound; Invalid."""
        return await self._users.set_name((await self._by_login(login)).id, own_name(name))

    async def people(self, caller: Caller, logins: Sequence[str]) -> list[UserId]:
        """Whom the owner of the house wants to bring into a conversation, by login. Forbidden for anybody else (a login
        shall not be guessed this way), NotFound for an unknown one."""
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
        """For the operator. NotFound."""
        return await self._users.get(user_id)

    async def users(self) -> list[User]:
        """Everybody, for the operator."""
        return await self._users.list()

    async def refresh(self, refresh: str, *, address: str = "") -> TokenPair:
        """A refresh token works once. Used again it ends the whole sign-in: somebody else has a copy. TooMany after many
        made up ones from this address; one of ours is always looked at."""
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
        """Denies the access token and revokes the refresh tokens of the same sign-in."""
        await self._denials.add(caller.token_id, Millis(caller.expires_at + LEEWAY_SECONDS * 1000))
        await self._end(family_of(caller.token_id))

    async def owner_tokens(self, minutes: float | None = None) -> TokenPair:
        """Tokens of the first-run owner. The caller has made sure that it may have them: by a sign-in key, or because it
        can read the data folder. `minutes`: life of the access token (None: the setting), up to a day, for scripts
        (`everkin token --minutes`)."""
        if minutes is not None and not 0 < minutes <= LONGEST_PRINTED_MINUTES:
            raise Invalid(
                f"A token lives between 1 and {LONGEST_PRINTED_MINUTES} minutes.",
                field="minutes",
                limit=LONGEST_PRINTED_MINUTES,
            )
        return await self._pair(await self.ensure_owner(), new_family(), minutes)

    async def ensure_owner(self) -> User:
        """The first-run owner, made when there is none, without a password."""
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
        """Unauthenticated for one that is gone."""
        try:
            return await self._users.get(user_id)
        except NotFound:
            raise Unauthenticated from None

    async def forget_expired(self) -> int:
        """Housekeeping: drops tokens whose time is over; how many."""
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
        """A sign-in that is refreshed has tokens of the usual life only."""
        longest = round(self._config.access_minutes * _MINUTE) + LEEWAY_SECONDS * 1000
        await self._tokens.revoke_family(family)
        await self._denials.add(family, Millis(self._clock.now() + longest))

    async def _external_caller(self, claims: ExternalClaims) -> Caller:
        user = await self._users.by_subject(claims.issuer, claims.subject) or await self._welcome(claims)
        user = await self._standing.user_of(user.id, claims.token_id)
        return Caller(user.id, user.role, user.name, claims.token_id, claims.expires_at)

    async def _welcome(self, claims: ExternalClaims) -> User:
        """The account of somebody the external issuer knows and we see for the first time."""
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
        except Conflict:  # their first two requests came at once
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
