"""`everkin doctor`: what it says of a house that is well, of one that runs, and of each thing that is wrong."""

import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from everkin.cli.doctor_access import check_access
from everkin.cli.doctor_files import check_folder, check_secret
from everkin.settings import Settings, load_settings
from tests.journeys.processes import ServerProcess, everkin

QUIET = {"EVERKIN_MODEL": "scripted", "EMBEDDER": "none", "PORT": "0"}


def examined(data: Path, cwd: Path, **changes: str) -> tuple[int, dict[str, tuple[str, str]]]:
    """The exit code, and by part its state and sentence."""
    done = everkin("doctor", "--json", "--data", str(data), cwd=cwd, **{**QUIET, **changes})
    assert not done.stderr, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["ok"] == (done.returncode == 0)
    return done.returncode, {each["part"]: (each["state"], each["sentence"]) for each in told["findings"]}


def settings(data: Path, **environment: str) -> Settings:
    return load_settings(environment, data / "no.env", data=data)


def test_before_the_first_start_nothing_is_wrong_and_nothing_is_made(tmp_path: Path) -> None:
    code, found = examined(tmp_path / "data", tmp_path)
    assert code == 0
    of_the_machine = {"disk", "page"}
    assert {state for part, (state, _) in found.items() if part not in of_the_machine} == {"ok"}
    expected = {
        "settings",
        "data folder",
        "disk",
        "secret",
        "sqlite",
        "record",
        "address",
        "owner",
        "sign-up",
        "origins",
    }
    assert found.keys() >= expected | {"metrics", "proxy", "page", "model", "embedder", "server"}
    assert not (tmp_path / "data").exists()


def test_a_running_server_is_asked_and_a_stopped_one_is_not_needed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with ServerProcess(data, "--model", "scripted", cwd=tmp_path, EMBEDDER="none") as server:
        code, running = examined(data, tmp_path)
        assert code == 0, running
        assert running["server"] == ("ok", f"It runs at {server.url}.")
        assert running["record"][1].endswith("answers and can be written.")
        assert "with no password" in running["owner"][1]
        everkin("users", "password", "owner", "--password", "three quiet herons", "--data", str(data), cwd=tmp_path)
        assert "also with a password" in examined(data, tmp_path)[1]["owner"][1]
        lines = everkin("doctor", "--data", str(data), cwd=tmp_path, **QUIET)
        assert f"ok       server: It runs at {server.url}." in lines.stdout.splitlines()
        server.end()
    assert examined(data, tmp_path)[1]["server"][0] == "ok"


def test_each_thing_that_is_broken_is_a_problem_with_its_mend(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with ServerProcess(data, "--model", "scripted", cwd=tmp_path) as server:
        server.end()
    code, found = examined(data, tmp_path, EVERKIN_MODEL="groq", REDIS_URL="redis://127.0.0.1:1/0", LOCAL_SIGN_IN="off")
    assert code == 1
    assert found["model"][0] == "problem"
    assert "GROQ_API_KEY" in found["model"][1]
    assert found["redis"][0] == "problem"
    assert "REDIS_URL" in found["redis"][1]
    assert found["owner"][0] == "problem"
    assert "everkin users password owner" in found["owner"][1]

    with sqlite3.connect(data / "everkin.db") as record:
        record.execute("UPDATE alembic_version SET version_num = '9999'")
    (data / "secret.key").write_bytes(b"short")
    code, found = examined(
        data, tmp_path, EVERKIN_MODEL="custom", MODEL_BASE_URL="http://127.0.0.1:1/v1", MODEL_NAME="m"
    )
    assert code == 1
    assert (found["schema"][0], "Update Everkin" in found["schema"][1]) == ("problem", True)
    assert (found["secret"][0], "Delete it" in found["secret"][1]) == ("problem", True)
    assert (found["model"][0], "does not answer" in found["model"][1]) == ("problem", True)

    (data / "everkin.db").write_bytes(b"no database at all" * 1000)
    code, found = examined(data, tmp_path, DATABASE_URL="")
    assert (code, found["record"][0]) == (1, "problem")


def test_settings_that_cannot_be_read_are_a_problem_like_others(tmp_path: Path) -> None:
    code, found = examined(tmp_path / "data", tmp_path, PORT="soon")
    assert code == 1
    assert "PORT" in found["settings"][1]


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
def test_what_others_may_read_is_told(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "everkin.db").touch(mode=0o600)
    assert {finding.state for finding in check_folder(settings(data))} == {"ok"}
    (data / "everkin.db").chmod(0o640)
    told = next(finding for finding in check_folder(settings(data)) if finding.part == "file modes")
    assert (told.state, f"chmod -R go-rwx {data}" in told.sentence) == ("warning", True)
    file = tmp_path / "file"
    file.touch()
    assert [finding.state for finding in check_folder(settings(file))] == ["problem"]


@pytest.mark.parametrize(
    ("environment", "part", "state", "mend"),
    [
        ({"HOST": "0.0.0.0", "JWT_SECRET": "x" * 32}, "address", "warning", "HTTPS"),
        ({"HOST": "0.0.0.0", "JWT_SECRET": "x" * 32}, "owner", "problem", "everkin users password owner"),
        ({"ALLOW_SIGNUP": "true"}, "sign-up", "warning", "ALLOW_SIGNUP=false"),
        ({"CORS_ORIGINS": "http://chat.example.org"}, "origins", "warning", "https://"),
        ({"CORS_ORIGINS": "https://chat.example.org"}, "origins", "ok", "https://chat.example.org"),
        ({"METRICS_TOKEN": "short"}, "metrics", "warning", "16 characters"),
        ({"TRUSTED_PROXIES": "0.0.0.0/0"}, "proxy", "problem", "believes everybody"),
        ({"TRUSTED_PROXIES": "127.0.0.1"}, "proxy", "ok", "127.0.0.1"),
    ],
)
def test_who_can_get_in_is_told(tmp_path: Path, environment: dict[str, str], part: str, state: str, mend: str) -> None:
    findings = {finding.part: finding for finding in check_access(settings(tmp_path, **environment), None)}
    assert findings[part].state == state
    assert mend in findings[part].sentence


def test_other_machines_need_a_secret(tmp_path: Path) -> None:
    (finding,) = check_secret(settings(tmp_path, HOST="0.0.0.0"))
    assert (finding.state, "JWT_SECRET" in finding.sentence) == ("problem", True)
