"""Only the account Everkin runs under may read what it keeps, also in a folder somebody else made for it."""

import logging
import os
import stat
import sys
from pathlib import Path

import pytest

from everkin.embed import Everkin
from everkin.kit.private_files import tighten
from everkin.storage.sql.record import open_record
from tests.journeys.processes import ServerProcess, everkin

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX rights")


def open_to_others(folder: Path) -> list[str]:
    """What in `folder` others have any right to."""
    return [path.name for path in folder.rglob("*") if stat.S_IMODE(path.lstat().st_mode) & 0o077]


@pytest.fixture
def made_by_the_operator(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(0o755)
    return folder


def test_all_a_server_and_the_commands_make_is_private(made_by_the_operator: Path, tmp_path: Path) -> None:
    data = ("--data", str(made_by_the_operator))
    assert everkin("users", "add", "robin", "--password", "three quiet herons", *data, cwd=tmp_path).returncode == 0
    assert everkin("models", "use", "scripted", *data, cwd=tmp_path).returncode == 0
    with ServerProcess(made_by_the_operator, cwd=tmp_path, VECTOR_INDEX="exact") as server:
        server.get("/readyz")
        names = {path.name for path in made_by_the_operator.iterdir()}
        assert {"everkin.db", "everkin.db-wal", "secret.key", "everkin.lock", "server.json", "model.json"} <= names
        assert open_to_others(made_by_the_operator) == []
        assert stat.S_IMODE(made_by_the_operator.stat().st_mode) == 0o755, "the folder is the operator's"
    alone = everkin("chat", "mira", *data, "--model", "scripted", cwd=tmp_path, input="/quit\n")
    assert alone.returncode == 0, alone.stderr
    assert open_to_others(made_by_the_operator) == []


def test_what_was_open_before_is_closed_at_the_start_and_foreign_files_are_left(
    made_by_the_operator: Path, tmp_path: Path
) -> None:
    weights = made_by_the_operator / "models" / "one.gguf"
    foreign = made_by_the_operator / "notes.txt"
    weights.parent.mkdir()
    for path in (weights, foreign, made_by_the_operator / "secret.key"):
        path.write_bytes(b"x" * 32)
        path.chmod(0o644)
    weights.parent.chmod(0o755)
    (made_by_the_operator / "models" / "linked.gguf").symlink_to(foreign)
    with ServerProcess(made_by_the_operator, "--model", "scripted", cwd=tmp_path) as server:
        server.get("/readyz")
        assert set(open_to_others(made_by_the_operator)) - {"linked.gguf"} == {"notes.txt"}
    assert stat.S_IMODE(weights.parent.stat().st_mode) == 0o700


async def test_inside_another_program_too(made_by_the_operator: Path) -> None:
    """Whose own files keep the rights it chose."""
    before = os.umask(0o022)
    try:
        async with Everkin(data=made_by_the_operator, model="scripted"):
            assert open_to_others(made_by_the_operator) == []
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)


async def test_a_record_alone_is_private(made_by_the_operator: Path) -> None:
    before = os.umask(0o022)
    try:
        async with open_record("", made_by_the_operator):
            assert open_to_others(made_by_the_operator) == []
    finally:
        os.umask(before)


def test_what_cannot_be_closed_is_told(
    made_by_the_operator: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (made_by_the_operator / "secret.key").write_bytes(b"x")
    (made_by_the_operator / "secret.key").chmod(0o644)

    def refused(path: Path, mode: int) -> None:
        raise PermissionError(1, "Operation not permitted", str(path))

    monkeypatch.setattr(Path, "chmod", refused)
    with caplog.at_level(logging.INFO, "everkin.files"):
        tighten(made_by_the_operator, ["secret.key"])
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert "secret.key" in caplog.text
    assert "chmod" in caplog.text
