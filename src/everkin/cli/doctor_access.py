"""Checks of `everkin doctor`: how users can sign in, and from which machines."""

import ipaddress
from urllib.parse import urlsplit

from everkin.cli.findings import Finding, ok, problem, warning
from everkin.security.loopback import is_loopback
from everkin.settings import Settings

SHORTEST_TOKEN = 16
"""Characters of METRICS_TOKEN below which it can be guessed."""

_SET_PASSWORD = "`everkin users password owner` sets one"


def check_access(settings: Settings, owner_password: bool | None) -> list[Finding]:
    """Return the findings about access. `owner_password`: whether the owner can sign in with one; None: unknown."""
    return [
        _address(settings),
        _owner(settings, owner_password),
        _signup(settings),
        _origins(settings),
        _metrics(settings),
        _proxy(settings),
    ]


def _address(settings: Settings) -> Finding:
    host, port = settings.server.host, settings.server.port
    if is_loopback(host):
        return ok("address", f"Listens on {host} port {port}: this machine only, and proxies on it.")
    return warning(
        "address",
        f"Listens on {host} port {port}: other machines can connect, without encryption. Beyond a network you trust, listen "
        "on 127.0.0.1 and put a proxy with HTTPS before it (docs/deployment.md).",
    )


def _owner(settings: Settings, password: bool | None) -> Finding:
    local = settings.auth.local_sign_in and is_loopback(settings.server.host)
    if local:
        also = "also with a password" if password else f"with no password ({_SET_PASSWORD})"
        return ok("owner", f"Gets in on this machine by the printed address or `everkin link`, {also}.")
    why = "LOCAL_SIGN_IN is off" if not settings.auth.local_sign_in else "HOST lets other machines connect"
    if password:
        return ok("owner", f"Signs in with login and password everywhere, since {why}.")
    return problem("owner", f"Cannot sign in: {why}, and the owner has no password. {_SET_PASSWORD}.")


def _signup(settings: Settings) -> Finding:
    if settings.auth.signup:
        return warning("sign-up", "Whoever reaches this Everkin may make an account. ALLOW_SIGNUP=false closes it.")
    return ok("sign-up", "Closed: the owner makes accounts with `everkin users add`.")


def _origins(settings: Settings) -> Finding:
    origins = settings.server.cors_origins
    if "*" in origins:
        return problem("origins", "CORS_ORIGINS=* lets pages of every site call the API. Name the origins instead.")
    plain = [each for each in origins if each.startswith("http://") and not is_loopback(urlsplit(each).hostname or "")]
    if plain:
        return warning("origins", f"CORS_ORIGINS names {plain[0]}, which anybody on the way can change. Use https://.")
    return ok("origins", f"Pages of {', '.join(origins)} may call the API." if origins else "Only the page's own.")


def _metrics(settings: Settings) -> Finding:
    token = settings.server.metrics_token
    if token and len(token) < SHORTEST_TOKEN:
        return warning("metrics", "METRICS_TOKEN is short enough to be guessed. Take 16 characters or more.")
    return ok("metrics", "Open to METRICS_TOKEN and the owner." if token else "Open to the owner's token only.")


def _proxy(settings: Settings) -> Finding:
    trusted = settings.server.trusted_proxies
    if not trusted:
        return ok(
            "proxy",
            "None is trusted. Behind one, set TRUSTED_PROXIES to its address and let it send Host, X-Forwarded-For and "
            "X-Forwarded-Proto (docs/deployment.md).",
        )
    for each in trusted:
        try:
            network = ipaddress.ip_network(each, strict=False)
        except ValueError:
            return problem("proxy", f"TRUSTED_PROXIES names {each}, which is no address and no network.")
        if network.prefixlen == 0:
            return problem("proxy", f"TRUSTED_PROXIES={each} believes everybody. Name the proxies themselves.")
    return ok("proxy", f"X-Forwarded-For is believed from {', '.join(trusted)}.")
