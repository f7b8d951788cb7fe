"""Whose program holds the other end of a loopback connection: asked of the real kernel, and of tables it would print."""

import os
import socket
import sys
from pathlib import Path

import pytest

from everkin.security.peer_user import uid_of_peer

ME, OTHER = 1000, 65534
HEADER = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"

pytestmark = pytest.mark.skipif(
    sys.byteorder != "little", reason="the tables below are those of a little-endian machine"
)


def row(local: str, remote: str, state: str, uid: int) -> str:
    return f"   0: {local} {remote} {state} 00000000:00000000 00:00000000 00000000 {uid:5}        0 12477 1 0 20 0 0 10 -1\n"


def tables(folder: Path, v4: str = "", v6: str = "") -> tuple[Path, Path]:
    (folder / "tcp").write_text(HEADER + v4)
    (folder / "tcp6").write_text(HEADER + v6)
    return folder / "tcp", folder / "tcp6"


SERVER, CLIENT = "0100007F:2124", "0100007F:D431"  # 127.0.0.1:8484 and 127.0.0.1:54321
MAPPED = "0000000000000000FFFF0000"  # ::ffff:0:0/96 before the IPv4 address
PEER, OWN = ("127.0.0.1", 54321), ("127.0.0.1", 8484)


def test_the_clients_row_counts_and_not_our_own(tmp_path: Path) -> None:
    both = row(SERVER, CLIENT, "01", ME) + row(CLIENT, SERVER, "01", OTHER)
    assert uid_of_peer(PEER, OWN, tables(tmp_path, both)) == OTHER


def test_a_socket_that_is_not_there_or_no_longer_open_is_nobodys(tmp_path: Path) -> None:
    """The kernel prints user 0 for a connection whose program has closed it."""
    assert uid_of_peer(PEER, OWN, tables(tmp_path, row(SERVER, CLIENT, "01", ME))) is None
    assert uid_of_peer(PEER, OWN, tables(tmp_path, row(CLIENT, SERVER, "05", 0))) is None
    assert uid_of_peer(PEER, OWN, (tmp_path / "nothing here",)) is None


def test_a_client_with_an_ipv6_socket_may_speak_ipv4(tmp_path: Path) -> None:
    mapped = row(MAPPED + CLIENT, MAPPED + SERVER, "01", OTHER)
    assert uid_of_peer(PEER, OWN, tables(tmp_path, v6=mapped)) == OTHER
    assert uid_of_peer(("::ffff:127.0.0.1", 54321), OWN, tables(tmp_path, v6=mapped)) == OTHER


def test_ipv6(tmp_path: Path) -> None:
    loopback = "00000000000000000000000001000000"
    known = row(f"{loopback}:D431", f"{loopback}:2124", "01", ME)
    assert uid_of_peer(("::1", 54321), ("::1", 8484), tables(tmp_path, v6=known)) == ME


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has /proc/net/tcp")
@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_this_very_process_is_found(family: socket.AddressFamily, host: str) -> None:
    try:
        server = socket.create_server((host, 0), family=family)
    except OSError:
        pytest.skip(f"this machine has no {host}")
    with server, socket.create_connection(server.getsockname()[:2]) as client:
        accepted, peer = server.accept()
        with accepted:
            assert uid_of_peer(peer[:2], accepted.getsockname()[:2]) == os.geteuid()
            client.close()
            assert uid_of_peer(peer[:2], accepted.getsockname()[:2]) is None
