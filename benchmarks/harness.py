"""What every benchmark needs: processes on a core of their own, their CPU-seconds, percentiles, a table with targets.

A benchmark is a module with NAME, TARGETS (figure -> Target) and `measure(options) -> Figures`, and ends with

    if __name__ == "__main__":
        harness.main(NAME, TARGETS, measure)
"""

import argparse
import json
import math
import os
import platform
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import psutil  # type: ignore[import-untyped,unused-ignore]

ROOT = Path(__file__).resolve().parent.parent

Figures = dict[str, float]
"""Key -> number, as bench tables and the JSON file show them. The unit is in the key: `_ms`, `_s`, `_mib`, `_ratio`."""


@dataclass(frozen=True, slots=True)
class Target:
    """A bound that counts as met, bound included."""

    bound: float
    at_most: bool

    def met(self, value: float) -> bool:
        return value <= self.bound if self.at_most else value >= self.bound

    def verdict(self, value: float) -> str:
        if self.met(value):
            return "met"
        return f"missed by {abs(value - self.bound) / abs(self.bound) * 100 if self.bound else math.inf:.0f} %"

    def __str__(self) -> str:
        return f"{'<=' if self.at_most else '>='} {self.bound:g}"


def at_least(bound: float) -> Target:
    return Target(bound, at_most=False)


def at_most(bound: float) -> Target:
    return Target(bound, at_most=True)


@dataclass(frozen=True, slots=True)
class Options:
    """`quick`: end within 45 s on two cores. `explain`: also print where the time went, where the benchmark can say.
    `only`: measure just this side (ours, plain...) and leave the ratios out. `data`: the folder of a data set that is not
    part of the project; None means where the benchmark looks by itself."""

    quick: bool = False
    json: Path | None = None
    explain: bool = False
    only: str = ""
    data: Path | None = None
    notes: list[str] = field(default_factory=list)
    """Sentences to print under the table."""


def main(
    name: str,
    targets: Mapping[str, Target],
    measure: Callable[[Options], Figures],
    arguments: Sequence[str] | None = None,
) -> None:
    """Parses the command line, measures, prints, writes. The exit code is 0 whether or not targets are met."""
    options = parse(name, arguments)
    signal.signal(signal.SIGTERM, _leave)
    machine = Machine()
    figures = measure(options)
    print(table(name, targets, figures, options.quick))
    for note in [*options.notes, machine.note()]:
        print(f"  {note}")
    if options.json is not None:
        write_json(name, figures, options.json)


def parse(name: str, arguments: Sequence[str] | None = None) -> Options:
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}")
    parser.add_argument("--quick", action="store_true", help="end within 45 seconds on two cores")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--explain", action="store_true", help="also print where the time went")
    parser.add_argument("--only", default="", metavar="SIDE", help="measure one side only, e.g. ours; no ratios")
    parser.add_argument("--data", type=Path, metavar="DIR", help="the folder of its data set, where it needs one")
    given = parser.parse_args(arguments)
    return Options(quick=given.quick, json=given.json, explain=given.explain, only=given.only, data=given.data)


def write_json(name: str, figures: Figures, path: Path) -> None:
    path.write_text(json.dumps({"name": name, "figures": figures}, indent=2) + "\n", "utf-8")


def table(name: str, targets: Mapping[str, Target], figures: Figures, quick: bool) -> str:
    """Figures with a target first, in the order of TARGETS; one that was not measured is shown as missing."""
    lines = [f"{name}{' (quick)' if quick else ''}, Python {platform.python_version()}, {os.cpu_count()} cores"]
    keys = [*targets, *(key for key in figures if key not in targets)]
    width = max(len(key) for key in keys) if keys else 0
    for key in keys:
        target, value = targets.get(key), figures.get(key)
        shown = "not measured" if value is None else _shown(value)
        aim = "" if target is None else f"  {target!s:>10}  {'' if value is None else target.verdict(value)}"
        lines.append(f"  {key:<{width}}  {shown:>12}{aim}".rstrip())
    return "\n".join(lines)


def _shown(value: float) -> str:
    if value == 0 or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest rank: the smallest value that at least `share` (0..1) of all values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


# -- processes ------------------------------------------------------------------------------------------------------


def server_core() -> int | None:
    """The core for the measured server; None where the system cannot pin or has only one."""
    cores = _cores()
    return cores[0] if len(cores) > 1 else None


def client_core() -> int | None:
    """The core for clients, provider and everything else that is not measured."""
    cores = _cores()
    return cores[1] if len(cores) > 1 else None


def _cores() -> list[int]:
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def pin(core: int | None) -> None:
    """This process, all its later threads and children."""
    if core is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})


class Process:
    """A running program whose output goes to a file, shown when it fails."""

    def __init__(self, popen: subprocess.Popen[bytes], output: Path) -> None:
        self.popen = popen
        self.output = output
        self.started = time.monotonic()

    def cpu_seconds(self) -> float:
        """User and system time of the whole tree so far, ended children included."""
        return sum(_cpu_of(process) for process in self._tree())

    def rss_mib(self) -> float:
        """Resident memory of the whole tree."""
        return sum(_rss_of(process) for process in self._tree()) / 2**20

    def wait_for_line(self, start: str, seconds: float = 30.0) -> str:
        """The first line of output that begins with `start`, without it."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for line in self.output.read_text("utf-8", "replace").splitlines():
                if line.startswith(start):
                    return line.removeprefix(start).strip()
            self.must_run()
            time.sleep(0.01)
        raise self._failure(f"did not print {start!r} within {seconds:g} s")

    def wait_for_url(self, url: str, seconds: float = 30.0, pause: float = 0.01) -> float:
        """Polls until it answers 200; seconds since the process was started."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if _answers(url):
                return time.monotonic() - self.started
            self.must_run()
            time.sleep(pause)
        raise self._failure(f"did not answer {url} within {seconds:g} s")

    def must_run(self) -> None:
        if self.popen.poll() is not None:
            raise self._failure(f"ended with code {self.popen.returncode}")

    def stop(self, seconds: float = 10.0) -> None:
        """SIGTERM, then SIGKILL for the whole tree."""
        tree = self._tree()
        if self.popen.poll() is None:
            self.popen.terminate()
        try:
            self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
        for process in tree:
            if process.pid != self.popen.pid and process.is_running():
                process.kill()

    def _tree(self) -> list[psutil.Process]:
        try:
            root = psutil.Process(self.popen.pid)
            return [root, *root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def _failure(self, what: str) -> RuntimeError:
        last = "\n".join(self.output.read_text("utf-8", "replace").splitlines()[-20:])
        return RuntimeError(f"{' '.join(map(str, self.popen.args))}\n{what}. Its last output:\n{last}")  # type: ignore[arg-type]


@contextmanager
def running(
    command: Sequence[str], *, core: int | None = None, env: Mapping[str, str] | None = None
) -> Iterator[Process]:
    """`command` on `core`, in the project's folder; it and its children have ended when the block has."""
    with tempfile.TemporaryDirectory(prefix="everkin-bench-") as folder:
        output = Path(folder, "output")
        with output.open("wb") as file:
            popen = subprocess.Popen(
                list(command),
                cwd=ROOT,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                preexec_fn=None if core is None else lambda: pin(core),
            )
        process = Process(popen, output)
        try:
            yield process
        finally:
            process.stop()


def python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=5) as response:
        return bytes(response.read())


def _answers(url: str) -> bool:
    try:
        fetch(url)
    except (urllib.error.URLError, OSError):
        return False
    return True


def _cpu_of(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    ended = getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
    return float(times.user + times.system + ended)


def _rss_of(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


class Machine:
    """How busy other programs kept the machine meanwhile: figures taken beside heavy work are worth less."""

    def __init__(self) -> None:
        self._at = time.monotonic()
        self._busy = self._busy_seconds()

    def note(self) -> str:
        wall = (time.monotonic() - self._at) * (os.cpu_count() or 1)
        others = max(0.0, self._busy_seconds() - self._busy) / wall if wall else 0.0
        return f"Other programs kept {others * 100:.0f} % of the machine busy meanwhile."

    def _busy_seconds(self) -> float:
        times = psutil.cpu_times()
        own = sum(
            usage.ru_utime + usage.ru_stime
            for usage in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
        )
        return float(sum(times) - times.idle - getattr(times, "iowait", 0.0) - getattr(times, "guest", 0.0)) - own


def _leave(*_: object) -> NoReturn:
    """SIGTERM unwinds the stack, so that every started process is ended."""
    raise SystemExit(143)
