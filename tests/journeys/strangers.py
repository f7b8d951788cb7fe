"""People who are not the owner: behind a bare nginx, in another network, or with another account of the same machine."""

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

PATIENCE = 30
NOBODY = 65534
UNPACKED = Path(__file__).parents[2] / ".venv/nginx/usr/sbin/nginx"
NGINX = next((found for name in ("nginx", "/usr/sbin/nginx", str(UNPACKED)) if (found := shutil.which(name))), None)

needs_nginx = pytest.mark.skipif(NGINX is None, reason="no nginx here; scripts/nginx fetches one")
needs_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can run a program as another user"
)

ASK = """
import encodings.idna, http.client, json, os, sys
host, port, uid, tries = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), json.loads(sys.argv[4])
if uid:
    os.setgroups([]); os.setgid(uid); os.setuid(uid)
answers = []
for method, path, body, headers in tries:
    line = http.client.HTTPConnection(host, port, timeout=20)
    line.request(method, path, body, headers)
    answer = line.getresponse()
    answers.append([answer.status, answer.read().decode()])
    line.close()
print(json.dumps(answers))
"""

Try = tuple[str, str, str | None, dict[str, str]]
Answer = tuple[int, str]


def sign_in(body: str | None, **headers: str) -> Try:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return "POST", "/api/v1/auth/local", body, {"content-type": "application/json", **named}


def with_key(key: str) -> Try:
    return sign_in(json.dumps({"key": key}))


def ask(host: str, port: int, tries: Sequence[Try], *, uid: int = 0, inside: Sequence[str] = ()) -> list[Answer]:
    """From a process of its own. `uid`: the user it becomes first (0: stays); `inside`: the command it is run by."""
    arguments = [*inside, sys.executable, "-c", ASK, host, str(port), str(uid), json.dumps(tries)]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    told: list[Any] = json.loads(done.stdout)
    return [(status, body) for status, body in told]


@contextmanager
def bare_nginx(folder: Path, address: str, backend: str, user: str) -> Iterator[int]:
    """An nginx as it comes: a default server, `proxy_pass`, and not one header set. Its port on `address`. `user`: the
    account of the workers, where we may choose it."""
    with socket.create_server((address, 0)) as free:
        port: int = free.getsockname()[1]
    folder.mkdir()
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    choice = f"user {user};" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{choice} worker_processes 1; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
        f"http {{ access_log off; {temporary}\n"
        f"server {{ listen {address}:{port} default_server; location / {{ proxy_pass {backend}; }} }} }}\n"
    )
    assert NGINX is not None
    command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    started = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert started.returncode == 0, started.stderr
    pid = os.pidfd_open(int((folder / "pid").read_text()))
    try:
        yield port
    finally:
        signal.pidfd_send_signal(pid, signal.SIGTERM)
        assert select.select([pid], [], [], PATIENCE)[0], "nginx did not end"
        os.close(pid)


@contextmanager
def other_network() -> Iterator[tuple[str, list[str]]]:
    """An address of ours that is reached from another network, and the command that runs a program there: a network
    namespace at the end of a cable (veth). Where that is not permitted, another loopback address and no such command."""
    name = f"ek{os.getpid() % 100_000}"
    number = os.getpid() % 16_000
    subnet = f"198.18.{number // 64}.{number % 64 * 4}"  # RFC 2544: for tests between networks
    ours, theirs = (f"{subnet.rpartition('.')[0]}.{int(subnet.rpartition('.')[2]) + at}" for at in (1, 2))
    steps = (
        f"netns add {name}",
        f"link add {name}a type veth peer name {name}b netns {name}",
        f"address add {ours}/30 dev {name}a",
        f"link set {name}a up",
        f"-n {name} address add {theirs}/30 dev {name}b",
        f"-n {name} link set {name}b up",
    )
    try:
        if all(_ip(step) for step in steps):
            yield ours, ["ip", "netns", "exec", name]
        else:
            yield "127.0.0.2", []
    finally:
        _ip(f"link delete {name}a")
        _ip(f"netns delete {name}")


def _ip(words: str) -> bool:
    if shutil.which("ip") is None:
        return False
    return subprocess.run(["ip", *words.split()], capture_output=True, timeout=PATIENCE, check=False).returncode == 0
