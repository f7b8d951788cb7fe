"""`everkin` as a process of its own."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any, cast

from everkin.kit.clock import SystemClock
from everkin.security.ports import Tokens
from everkin.security.secret import load_secret
from everkin.security.sign_in_keys import SignInKeys

READY = re.compile(r"Everkin is ready: (http://\S+)")
PATIENCE = 60


def environment(**changes: str) -> dict[str, str]:
    return {**os.environ, "PYTHONUNBUFFERED": "1", "MODEL_DISCOVERY": "false", **changes}


def _bare() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name in ("PYTHONPATH", "SYSTEMROOT")}


def everkin(*arguments: str, cwd: Path, input: str | None = None, **changes: str) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end. `cwd` keeps a `.env` of the checkout out."""
    return subprocess.run(
        [sys.executable, "-m", "everkin", *arguments],
        cwd=cwd,
        env=environment(**changes),
        input=input,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


class ServerProcess:
    """`everkin serve` on a free port; `unset_all`: without any environment variable of its own. `url` and `address` (with a sign-in key, as printed) are known once it is ready."""

    def __init__(self, data: Path, *arguments: str, cwd: Path, unset_all: bool = False, **changes: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "everkin", "serve", "--port", "0", "--data", str(data), *arguments],
            cwd=cwd,
            env=_bare() if unset_all else environment(**changes),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.data = data
        self._secret = changes.get("JWT_SECRET", "").encode()
        self.output = ""
        self.url = self.address = ""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.output += line
            if found := READY.search(line):
                self.address = found[1]
                self.url = self.address.partition("/#")[0]
                break
        assert self.url, self.output

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.url + path, timeout=PATIENCE) as response:
            body: bytes = response.read()
            return body

    def key(self) -> str:
        """A fresh sign-in key, as `everkin link` makes it."""
        keys = SignInKeys(self._secret or load_secret(self.data), cast(Tokens, None), SystemClock())
        return keys.issue(60)

    def sign_in(self, key: str = "") -> Any:
        """What `POST auth/local` answers for this key, or for a fresh one: the owner's tokens."""
        body = json.dumps({"key": key or self.key()}).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/api/v1/auth/local", body, headers)
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            return json.loads(response.read())

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(PATIENCE)

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait(self) -> int:
        return self._process.wait(PATIENCE)

    def end(self) -> int:
        self.send(signal.SIGTERM)
        return self.wait()

    def __enter__(self) -> "ServerProcess":
        return self

    def __exit__(self, *error: object) -> None:
        if self._process.poll() is None:
            self.kill()
        if self._process.stdout is not None:
            self._process.stdout.close()
