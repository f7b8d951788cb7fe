"""Every benchmark can be called the same way and writes the same JSON. Nothing is timed here."""

import importlib
import inspect
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = {"__init__", "harness", "household", "large_record", "socket_client", "upstream"}
BENCHMARKS = sorted(path.stem for path in (ROOT / "benchmarks").glob("*.py") if path.stem not in PARTS)

Load = Callable[[str], ModuleType]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Load:
    """benchmarks/ is no part of the package, so it is not on the path by itself."""
    monkeypatch.syspath_prepend(str(ROOT))
    return lambda name: importlib.import_module(f"benchmarks.{name}")


@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_has_a_name_targets_and_the_common_options(
    name: str, load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    benchmark, harness = load(name), load("harness")
    assert name == benchmark.NAME
    assert benchmark.__doc__
    assert benchmark.TARGETS
    assert all(isinstance(target, harness.Target) for target in benchmark.TARGETS.values())
    assert list(inspect.signature(benchmark.measure).parameters) == ["options"]
    with pytest.raises(SystemExit) as ended:
        harness.main(benchmark.NAME, benchmark.TARGETS, benchmark.measure, ["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert "--quick" in shown
    assert "--json" in shown


def test_figures_are_printed_with_their_targets_and_written_as_flat_json(
    load: Load, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    harness = load("harness")
    targets = {"fast_ms": harness.at_most(4), "ratio": harness.at_least(5), "unknown": harness.at_least(1)}
    file = tmp_path / "figures.json"
    harness.main("sample", targets, lambda options: {"fast_ms": 3.0, "ratio": 4.0, "seen": 7.0}, ["--json", str(file)])
    rows = {line.split()[0]: line for line in capsys.readouterr().out.splitlines() if line.startswith("  ")}
    assert rows["fast_ms"].endswith("met")
    assert rows["ratio"].endswith("missed by 20 %")
    assert "not measured" in rows["unknown"]
    assert json.loads(file.read_text()) == {"name": "sample", "figures": {"fast_ms": 3.0, "ratio": 4.0, "seen": 7.0}}


def test_a_percentile_is_a_measured_value(load: Load) -> None:
    percentile = load("harness").percentile
    assert percentile([5.0], 0.99) == 5.0
    assert percentile([4.0, 1.0, 3.0, 2.0], 0.5) == 2.0
    assert percentile(list(range(1, 101)), 0.99) == 99


def test_what_a_benchmark_started_has_ended_with_it(load: Load) -> None:
    harness = load("harness")
    with harness.running(harness.python("benchmarks.upstream")) as process:
        port = process.wait_for_line("listening ")
        process.wait_for_url(f"http://127.0.0.1:{port}/v1/models")
        assert process.cpu_seconds() > 0
    assert process.popen.returncode is not None
