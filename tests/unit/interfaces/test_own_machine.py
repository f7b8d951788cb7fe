"""Who counts as the owner at this machine."""

from collections.abc import Sequence

import pytest
from starlette.datastructures import Headers

from everkin.domain.errors import Forbidden
from everkin.interfaces.authentication import LocalOwnerPolicy, RequestOrigin


def visit(
    peer: str = "127.0.0.1",
    hosts: Sequence[str] = ("127.0.0.1:8484",),
    origins: Sequence[str] = (),
    scheme: str = "http",
    **headers: str,
) -> RequestOrigin:
    return RequestOrigin(
        peer, scheme, hosts, origins, Headers({name.replace("_", "-"): text for name, text in headers.items()})
    )


@pytest.mark.parametrize(
    "here",
    [
        visit(),
        visit(peer="::1", hosts=("[::1]:8484",)),
        visit(hosts=("localhost",), origins=("http://localhost",)),
        visit(hosts=("LOCALHOST:8484",)),
        visit(scheme="https", origins=("https://127.0.0.1:8484",)),
        visit(origins=("https://chat.example.org",)),
    ],
)
def test_here(here: RequestOrigin) -> None:
    LocalOwnerPolicy("127.0.0.1", ("https://chat.example.org",)).check(here)


@pytest.mark.parametrize(
    "pretended",
    [
        visit(peer="192.168.1.7"),
        visit(peer=""),
        visit(hosts=()),
        visit(hosts=("127.0.0.1", "127.0.0.1")),
        visit(hosts=("rebound.example",)),
        visit(hosts=("[::1",)),
        visit(hosts=("user@127.0.0.1:80@evil.example",)),
        visit(origins=("null",)),
        visit(origins=("http://127.0.0.1:9999",)),
        visit(origins=("https://127.0.0.1:8484",)),
        visit(origins=("http://127.0.0.1:8484", "https://evil.example")),
        visit(forwarded="for=::1"),
        visit(via="1.1 proxy"),
        visit(x_forwarded_proto="http"),
    ],
)
def test_not_here(pretended: RequestOrigin) -> None:
    with pytest.raises(Forbidden):
        LocalOwnerPolicy("127.0.0.1", ("https://chat.example.org",)).check(pretended)


@pytest.mark.parametrize("bound_to", ["0.0.0.0", "::", "192.168.1.2", ""])
def test_never_when_others_can_connect(bound_to: str) -> None:
    with pytest.raises(Forbidden):
        LocalOwnerPolicy(bound_to).check(visit())


def test_never_when_it_is_switched_off() -> None:
    with pytest.raises(Forbidden, match="LOCAL_SIGN_IN"):
        LocalOwnerPolicy("127.0.0.1", enabled=False).check(visit())
