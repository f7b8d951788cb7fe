"""How soon `everkin serve` is ready, and how much memory it then holds, without a local model.

`ready_s` is from the start of the process to /readyz answering 200; the median of several starts. An empty data folder
(first run: database made, starter characters seeded) and one that has been used before are measured apart; the targets
hold for both, so the plain keys are the worse of the two. `ready_cpu_s` is the CPU it took: what `ready_s` would be on a
machine with nothing else to do.
"""

import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks import harness
from benchmarks.harness import Figures, Options, at_most

NAME = "start"

TARGETS = {"ready_s": at_most(2.0), "rss_mib": at_most(160)}


@dataclass(frozen=True)
class Start:
    ready_s: float
    cpu_s: float
    rss_mib: float


def start(data: Path) -> Start:
    port = harness.free_port()
    command = harness.python("everkin", "serve", "--port", str(port), "--data", str(data), "--model", "scripted")
    with harness.running(command, core=harness.server_core()) as process:
        ready = process.wait_for_url(f"http://127.0.0.1:{port}/readyz", pause=0.005)
        return Start(ready, process.cpu_seconds(), process.rss_mib())


def measure(options: Options) -> Figures:
    harness.pin(harness.client_core())
    empty, used = [], []
    with tempfile.TemporaryDirectory(prefix="everkin-bench-") as folder:
        for n in range(3 if options.quick else 7):
            data = Path(folder, str(n))
            empty.append(start(data))
            used.append(start(data))
    if options.explain:
        options.notes.append("Slowest imports, cumulative ms:\n" + slowest_imports())
    figures: Figures = {}
    for name, starts in (("empty", empty), ("used", used)):
        figures[f"ready_s_{name}"] = statistics.median(each.ready_s for each in starts)
        figures[f"ready_cpu_s_{name}"] = statistics.median(each.cpu_s for each in starts)
        figures[f"rss_mib_{name}"] = statistics.median(each.rss_mib for each in starts)
    for key in TARGETS:
        figures[key] = max(figures[f"{key}_empty"], figures[f"{key}_used"])
    return figures


def slowest_imports(count: int = 30, module: str = "everkin.interfaces.web") -> str:
    """What importing `module`, which draws in everything a server needs, spends its time on."""
    found = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", f"import {module}"],
        cwd=harness.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    rows = [line.removeprefix("import time:").split("|") for line in found.stderr.splitlines() if "|" in line][1:]
    times = sorted(((int(total), int(own), name.strip()) for own, total, name in rows), reverse=True)[:count]
    return "\n".join(f"    {total / 1000:8.1f}  (itself {own / 1000:6.1f})  {name}" for total, own, name in times)


if __name__ == "__main__":
    harness.main(NAME, TARGETS, measure)
