"""Who gets no tokens of the owner: everybody behind a proxy that says nothing of itself, and the other users of the
machine. Against the real server without any configuration, a real nginx, another network and another user."""

import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.journeys.processes import ServerProcess, everkin
from tests.journeys.strangers import (
    NOBODY,
    ask,
    bare_nginx,
    needs_nginx,
    needs_root,
    other_network,
    sign_in,
    with_key,
)

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="network namespaces and users of Linux")

GUESSES = [
    sign_in(None),
    sign_in(""),
    sign_in("{}"),
    sign_in('{"key": ""}'),
    with_key("A" * 48),
    sign_in("{}", Origin="http://127.0.0.1:8484"),
    sign_in("{}", Host="localhost"),
    ("GET", "/metrics", None, {}),
    ("GET", "/metrics", None, {"authorization": "Bearer "}),
]


@needs_nginx
@pytest.mark.parametrize("user", ["root", "nobody nogroup"])
def test_a_bare_proxy_lets_nobody_in(tmp_path: Path, user: str) -> None:
    """`root`: nginx and Everkin are the same user, so that nothing but the key tells them apart."""
    if os.geteuid() != 0 and user != "root":
        pytest.skip("only root can run nginx as another user")
    with (
        ServerProcess(tmp_path / "data", "--model", "scripted", cwd=tmp_path, unset_all=True) as server,
        other_network() as (address, inside),
        bare_nginx(tmp_path / "nginx", address, server.url, user) as port,
    ):
        about, *answers = ask(address, port, [("GET", "/api/v1/about", None, {}), *GUESSES], inside=inside)
        assert about[0] == 200, "the proxy reaches Everkin"
        for guess, (status, body) in zip(GUESSES, answers, strict=True):
            assert status in (401, 403), (guess, status, body)
            assert '"detail":' in body
            assert '"access"' not in body
            assert "everkin_" not in body


@needs_root
def test_another_user_of_the_machine_gets_none_with_a_stolen_key_either(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "data", "--model", "scripted", cwd=tmp_path) as server:
        host, _, port = server.url.removeprefix("http://").partition(":")
        key = server.address.partition("#key=")[2]
        *answers, stolen = ask(host, int(port), [*GUESSES, with_key(key)], uid=NOBODY)
        assert {status for status, _ in answers} <= {401, 403}
        assert stolen[0] == 403
        assert "another user of this machine" in stolen[1]
        assert "everkin users password owner" in stolen[1]
        assert server.sign_in(key)["user"]["role"] == "owner", "trying it has not used it up"


def test_a_key_is_no_longer_good_after_a_restart_when_it_was_used(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "data", "--model", "scripted", cwd=tmp_path) as server:
        used, fresh = server.key(), server.key()
        server.sign_in(used)
        assert server.end() == 0
    with ServerProcess(tmp_path / "data", "--model", "scripted", cwd=tmp_path) as server:
        host, _, port = server.url.removeprefix("http://").partition(":")
        refused, accepted = ask(host, int(port), [with_key(used), with_key(fresh)])
        assert (refused[0], accepted[0]) == (401, 200)
        assert "used before" in refused[1]


def test_who_takes_the_port_of_a_killed_server_is_sent_no_token(tmp_path: Path) -> None:
    heard: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(str(self.headers))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

    with ServerProcess(tmp_path / "data", "--model", "scripted", cwd=tmp_path) as server:
        server.kill()
    host, _, port = server.url.removeprefix("http://").partition(":")
    with ThreadingHTTPServer((host, int(port)), Listener) as listener:
        thread = threading.Thread(target=listener.serve_forever)
        thread.start()
        try:
            asked = [
                everkin(*words, "--data", str(server.data), cwd=tmp_path) for words in (("house", "health"), ("link",))
            ]
        finally:
            listener.shutdown()
            thread.join()
    assert heard == []
    for done in asked:
        assert done.returncode == 1
        assert "No Everkin runs" in done.stderr


def test_no_key_is_written_where_a_log_or_a_backup_would_have_it(tmp_path: Path) -> None:
    """The printed address is on standard output and nowhere in the data folder."""
    with ServerProcess(tmp_path / "data", "--model", "scripted", cwd=tmp_path) as server:
        key = server.address.partition("#key=")[2].encode()
        server.sign_in(key.decode())
        assert server.end() == 0
        found = [file for file in server.data.rglob("*") if file.is_file() and key in file.read_bytes()]
        assert found == []
