"""The commands, as a person runs them."""

import json
import socket
from pathlib import Path
from urllib.request import Request, urlopen

import jwt

from tests.journeys.processes import ServerProcess, everkin


def test_it_starts_says_where_it_is_and_ends_cleanly(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "data", "--model", "scripted", cwd=tmp_path) as server:
        assert server.get("/healthz") == b'{"status":"ok"}'
        assert b'"ready":true' in server.get("/readyz")
        assert (tmp_path / "data/everkin.db").is_file()
        assert server.end() == 0


def test_a_second_server_on_the_same_data_says_so_and_exits_1(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "data", "--model", "scripted", cwd=tmp_path):
        second = everkin("serve", "--port", "0", "--data", str(tmp_path / "data"), "--model", "scripted", cwd=tmp_path)
        assert second.returncode == 1
        assert "already running" in second.stderr
        token = everkin("token", "--data", str(tmp_path / "data"), cwd=tmp_path)
        assert jwt.decode(token.stdout.strip(), options={"verify_signature": False})["iss"] == "everkin"


def test_an_address_beyond_loopback_needs_a_secret(tmp_path: Path) -> None:
    refused = everkin("serve", "--host", "0.0.0.0", "--port", "0", "--data", str(tmp_path / "d"), cwd=tmp_path)
    assert refused.returncode == 1
    assert "JWT_SECRET" in refused.stderr


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = everkin("serve", "--port", port, "--data", str(tmp_path / "d"), "--model", "scripted", cwd=tmp_path)
    assert refused.returncode == 1
    assert port in refused.stderr
    assert "--port" in refused.stderr


def test_a_brought_environment_file_starts_with_one_warning_that_stays_in_health(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MAX_MESSAGE_LENGHT=100\nSTRIPE_KEY=sk-1\nMESSAGE_RATE_LIMIT=600/hour\n")
    with ServerProcess(tmp_path / "data", "--model", "scripted", cwd=tmp_path) as server:
        assert "MAX_MESSAGE_LENGHT (did you mean MAX_MESSAGE_LENGTH?)" in server.output
        assert server.output.count("STRIPE_KEY") == 1
        assert "sk-1" not in server.output
        asked = everkin("house", "health", "--json", "--data", str(tmp_path / "data"), cwd=tmp_path)
        part = json.loads(asked.stdout)["parts"]["settings"]
    assert part["condition"] == "ok"
    assert "STRIPE_KEY" in part["note"]


def test_wrong_values_are_named_together_and_secrets_are_not_shown(tmp_path: Path) -> None:
    refused = everkin("serve", cwd=tmp_path, PORT="soon", JWT_SECRET="hunter2", LOG_LEVEL="verbose")
    assert refused.returncode == 1
    assert "PORT in the environment is 'soon'. It has to be a whole number from 0 to 65535" in refused.stderr
    assert "LOG_LEVEL" in refused.stderr
    assert "JWT_SECRET" in refused.stderr
    assert "hunter2" not in refused.stderr


def test_people_can_be_added_and_listed(tmp_path: Path) -> None:
    data = ("--data", str(tmp_path / "d"))
    password = "a lamp, a kettle and the sea"
    added = everkin("users", "add", "kim", *data, "--name", "Kim", "--password", password, cwd=tmp_path)
    assert added.returncode == 0, added.stderr
    assert "kim\tKim\tuser\tpassword" in everkin("users", "list", *data, cwd=tmp_path).stdout
    again = everkin("users", "add", "kim", *data, "--password", password, cwd=tmp_path)
    assert again.returncode == 1


def test_a_conversation_in_the_terminal_with_and_without_a_running_server(tmp_path: Path) -> None:
    data = tmp_path / "data"
    arguments = ("chat", "mira", "--data", str(data), "--model", "scripted")
    alone = everkin(*arguments, cwd=tmp_path, input="/echo the first evening\n/quit\n")
    assert alone.returncode == 0, alone.stderr
    assert "the first evening" in alone.stdout.split("› ")[-1]
    with ServerProcess(data, "--model", "scripted", cwd=tmp_path):
        beside = everkin(*arguments, cwd=tmp_path, input="/fail\n/history\n/quit\n")
    assert "send it again" in beside.stdout
    assert beside.stdout.count("the first evening") >= 2
    unknown = everkin("chat", "nobody", "--data", str(data), "--model", "scripted", cwd=tmp_path)
    assert unknown.returncode == 1
    assert "no such character" in unknown.stderr


def test_the_terminal_says_that_a_message_was_deleted(tmp_path: Path) -> None:
    arguments = ("chat", "mira", "--data", str(tmp_path / "d"), "--model", "scripted")
    with ServerProcess(tmp_path / "d", "--model", "scripted", cwd=tmp_path) as server:
        said = everkin(*arguments, cwd=tmp_path, input="a secret of mine\n/quit\n")
        assert "(deleted)" not in said.stdout
        access = {"Authorization": f"Bearer {server.sign_in()['access']}"}
        search = Request(f"{server.url}/api/v1/search?q=secret&sender=me", headers=access)
        with urlopen(search, timeout=30) as found:
            (hit,) = json.load(found)["items"]
        delete = Request(f"{server.url}/api/v1/messages/{hit['message']['id']}", headers=access, method="DELETE")
        with urlopen(delete, timeout=60) as answer:
            assert answer.status == 200
        again = everkin(*arguments, cwd=tmp_path, input="/quit\n")
    assert "(deleted)" in again.stdout


def test_health_in_the_terminal_writes_large_figures_out(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "d", "--model", "scripted", cwd=tmp_path):
        told = everkin("house", "health", "--data", str(tmp_path / "d"), cwd=tmp_path, COLUMNS="200")
    assert "page_cache_limit_bytes 25,165,824" in told.stdout
