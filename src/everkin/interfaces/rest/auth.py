"""Signing in and out."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from everkin.interfaces.authentication import LocalOwnerPolicy, RequestOrigin
from everkin.interfaces.rest.bodies import AboutMe, LocalSignIn, Login, Refresh, Register
from everkin.interfaces.rest.dependencies import Address, CurrentApp, CurrentUser
from everkin.interfaces.rest.responses import render, shows
from everkin.interfaces.rest.rest_views import MeView, TokensView, me_view, tokens_view
from everkin.security.names import own_name

router = APIRouter(prefix="/auth", tags=["auth"])

_NO_KEY = LocalSignIn()


@router.post("/local", responses=shows(TokensView))
async def local(app: CurrentApp, request: Request, body: LocalSignIn = _NO_KEY) -> Response:
    """Tokens of the owner for a sign-in key, on the machine Everkin runs on: the address that Everkin printed when it
    started contains one, `everkin link` prints a new one, and each works once. 401 without a valid key; 403 for
    proxies, pages of other sites in the owner's browser and other users of the machine, even with a key."""
    own_machine: LocalOwnerPolicy = request.app.state.own_machine
    own_machine.check(RequestOrigin.of(request.scope))
    key = app.accounts.sign_in_keys.read(body.key.get_secret_value())
    await own_machine.check_user(request.scope)
    await app.accounts.sign_in_keys.use(key)
    return render(tokens_view(await app.accounts.owner_tokens()))


@router.post("/login", responses=shows(TokensView))
async def login(app: CurrentApp, body: Login, address: Address) -> Response:
    """Signs in with a password. After many wrong passwords from an address or for a login: 429 with Retry-After. A
    known `device` has only its own limit."""
    password = body.password.get_secret_value()
    pair = await app.accounts.login(body.login, password, address=address, device=body.device)
    return render(tokens_view(pair))


@router.post("/register", responses=shows(TokensView, 201), status_code=201)
async def register(app: CurrentApp, body: Register, address: Address) -> Response:
    """Makes a new account, if ALLOW_SIGNUP is set. At most 300 per hour and address."""
    pair = await app.accounts.register(body.login, body.password.get_secret_value(), body.name, address=address)
    return render(tokens_view(pair), 201)


@router.post("/refresh", responses=shows(TokensView))
async def refresh(app: CurrentApp, body: Refresh, address: Address) -> Response:
    """The next pair of tokens. Each refresh token works once."""
    return render(tokens_view(await app.accounts.refresh(body.refresh, address=address)))


@router.post("/logout", responses=shows(None, 204), status_code=204)
async def logout(app: CurrentApp, caller: CurrentUser) -> Response:
    """Ends this sign-in: its access tokens and its refresh token stop working at once."""
    await app.accounts.logout(caller)
    return Response(status_code=204)


@router.get("/me", responses=shows(MeView))
async def me(app: CurrentApp, caller: CurrentUser) -> Response:
    user = await app.accounts.user(caller.user_id)
    return render(me_view(user, app.ages.adult(user)))


@router.patch("/me", responses=shows(MeView))
async def about_me(app: CurrentApp, caller: CurrentUser, body: AboutMe) -> Response:
    """Sets the name that characters call you, and your year of birth, which can be stated once: 409 when it was another
    year before."""
    body.check_not_empty()
    name = own_name(body.name) if body.name is not None else None
    if body.birth_year is not None:
        await app.ages.state(caller, body.birth_year)
    if name is not None:
        await app.names.set(caller.user_id, name)
    return await me(app, caller)
