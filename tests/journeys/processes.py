"""`everkin` as a process of its own."""

import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

READY = re.compile(r"Everkin is ready: (http://\S+)")
PATIENCE = 60


def environment(**changes: str) -> dict[str, str]:
    return {**os.environ, "PYTHONUNBUFFERED": "1", "MODEL_DISCOVERY": "false", **changes}


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
    """`everkin serve` on a free port. `url` is known once it is ready."""

    def __init__(self, data: Path, *arguments: str, cwd: Path, **changes: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "everkin", "serve", "--port", "0", "--data", str(data), *arguments],
            cwd=cwd,
            env=environment(**changes),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.data = data
        self.output = ""
        self.url = ""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.output += line
            if found := READY.search(line):
                self.url = found[1]
                break
        assert self.url, self.output

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.url + path, timeout=PATIENCE) as response:
            body: bytes = response.read()
            return body

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
