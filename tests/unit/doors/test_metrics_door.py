"""Who may read the metrics."""

from typing import Any

import pytest

from everkin.domain.errors import NotFound, Unauthenticated
from everkin.doors.metrics import check
from everkin.doors.problems import MethodNotAllowed

TOKEN = "a quiet token"


def asked(peer: str = "127.0.0.1", path: str = "/metrics", method: str = "GET", **headers: str) -> dict[str, Any]:
    named = {"host": "127.0.0.1:8484", **{name.replace("_", "-"): value for name, value in headers.items()}}
    raw = [(name.encode(), value.encode("latin-1")) for name, value in named.items()]
    return {"type": "http", "path": path, "method": method, "headers": raw, "client": (peer, 50_000), "scheme": "http"}


@pytest.mark.parametrize("token", ["", TOKEN])
def test_this_machine_needs_no_token(token: str) -> None:
    check(asked(), token)
    check(asked("::1", host="localhost:8484"), token)


@pytest.mark.parametrize(
    "strange",
    [
        asked("10.0.0.9", host="10.0.0.1:8484"),
        asked("10.0.0.9"),
        asked(x_forwarded_for="10.0.0.9"),
        asked(host="everkin.example"),
        asked(origin="http://everkin.example"),
    ],
)
def test_from_elsewhere_it_takes_the_token_and_without_one_there_is_no_such_door(strange: dict[str, Any]) -> None:
    with pytest.raises(NotFound):
        check(strange, "")
    with pytest.raises(Unauthenticated):
        check(strange, TOKEN)
    for given in ("Bearer another", "Basic " + TOKEN, "Bearer ", "Bearer \xff"):
        named = [*strange["headers"], (b"authorization", given.encode("latin-1"))]
        with pytest.raises(Unauthenticated):
            check({**strange, "headers": named}, TOKEN)
    check({**strange, "headers": [*strange["headers"], (b"authorization", f"Bearer {TOKEN}".encode())]}, TOKEN)


def test_only_reading_and_only_this_address() -> None:
    with pytest.raises(MethodNotAllowed):
        check(asked(method="POST"), "")
    with pytest.raises(NotFound):
        check(asked(path="/metrics/more"), "")
