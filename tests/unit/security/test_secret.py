"""The signing secret and who counts as this machine."""

import stat
from pathlib import Path

import pytest

from everkin.domain.errors import StartError
from everkin.security.loopback import is_loopback
from everkin.security.secret import choose_secret, load_secret


def test_made_once_kept_and_private(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there yet"
    first = load_secret(folder)
    assert len(first) == 32
    assert load_secret(folder) == first
    assert stat.S_IMODE((folder / "secret.key").stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["secret.key"]


def test_another_folder_has_another_secret(tmp_path: Path) -> None:
    assert load_secret(tmp_path / "a") != load_secret(tmp_path / "b")


def test_a_secret_cut_short_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_bytes(b"half")
    with pytest.raises(StartError):
        load_secret(tmp_path)


def test_open_to_others_only_with_a_secret_of_ones_own(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="JWT_SECRET"):
        choose_secret("", tmp_path, loopback=False)
    with pytest.raises(StartError, match="32 bytes"):
        choose_secret("too short", tmp_path, loopback=True)
    assert choose_secret("x" * 32, tmp_path, loopback=False) == b"x" * 32
    assert choose_secret("", tmp_path, loopback=True) == load_secret(tmp_path)


@pytest.mark.parametrize(
    "host", ["localhost", "LocalHost", "127.0.0.1", "127.8.9.1", "::1", "[::1]", "::ffff:127.0.0.1"]
)
def test_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["", "0.0.0.0", "::", "192.168.1.2", "localhost.example.org", "127.0.0.1.nip.io", "2130706433", "0x7f.1"]
)
def test_not_this_machine(host: str) -> None:
    assert not is_loopback(host)
