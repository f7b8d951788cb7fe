"""Generated files say what the code says, and what they document is documented whole."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def generate(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(ROOT / "scripts" / "generate.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_generated_files_are_fresh() -> None:
    checked = generate("--check")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_field_of_every_event_has_a_meaning() -> None:
    rows = [line for line in (ROOT / "docs" / "events.md").read_text("utf-8").splitlines() if line.startswith("| `")]
    assert len(rows) > 50
    assert not [row for row in rows if row.rstrip(" |").endswith(("`", "Optional."))]
