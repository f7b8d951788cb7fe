"""Node with the unmodified socket.io-client beside it."""

import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "node"
LONGEST_INSTALL = 120.0


def node_with_client() -> str:
    """The node program. Skips the test, with the reason, where there is none."""
    program, npm = shutil.which("node"), shutil.which("npm")
    if program is None or npm is None:
        pytest.skip("node and npm are not installed, so the JavaScript client cannot be tried")
    if not (HERE / "node_modules" / "socket.io-client").is_dir():
        command = [npm, "ci", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False, timeout=LONGEST_INSTALL)
        if done.returncode:
            pytest.skip(f"npm could not install the JavaScript client: {done.stderr[-300:]}")
    return program
