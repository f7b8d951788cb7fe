"""A streamed completion of 50 tokens through every policy of the gateway, against bare aiohttp and the usual SDKs.

Each side runs in a process of its own on one core and hears the same provider on the other, six streams at once. Figures are
streams for each CPU-second of that process; added TTFT is ours less bare aiohttp's, one stream at a time.
"""

import json
import os
import subprocess
import sys

from benchmarks import harness
from benchmarks.harness import Figures, Options, at_least, at_most

NAME = "gateway"

TARGETS = {
    "vs_aiohttp": at_least(0.6),
    "vs_openai": at_least(8),
    "vs_litellm": at_least(40),
    "added_ttft_ms_p50": at_most(1),
}

OTHER_PYTHON = "BENCH_LITELLM_PYTHON"
"""Names the interpreter of an environment with LiteLLM and uvloop, when this one has none: it pins libraries of its own."""

SIDES = ("aiohttp", "ours", "openai", "litellm")


def measure(options: Options) -> Figures:
    rounds, seconds = (2, 2.0) if options.quick else (3, 4.0)
    sides = [side for side in SIDES if options.only in ("", side) and _here(side)]
    figures = figures_of(_heard_by(sides, rounds, seconds))
    if not options.quick:
        paced = figures_of(_heard_by([side for side in sides if side != "litellm"], 2, seconds, "--pace-ms", "2"))
        figures.update({f"paced_{key}": value for key, value in paced.items() if "ttft" not in key})
        options.notes.append(
            "paced_: one token every 2 ms, each in a packet of its own; the kernel's part weighs more."
        )
    options.notes.append(
        "Tokens that arrive in one read are handed on as one piece of text by ours, one by one by the others."
    )
    if not _here("litellm"):
        options.notes.append(f"LiteLLM is not here: set {OTHER_PYTHON} to an interpreter that has it (and uvloop).")
    return figures


def _heard_by(sides: list[str], rounds: int, seconds: float, *provider: str) -> dict[str, list[dict[str, float]]]:
    samples: dict[str, list[dict[str, float]]] = {side: [] for side in sides}
    with harness.running(harness.python("benchmarks.upstream", *provider), core=harness.client_core()) as upstream:
        url = f"http://127.0.0.1:{upstream.wait_for_line('listening ')}/v1"
        for _ in range(rounds):
            for side in sides:
                samples[side].append(_heard(side, url, seconds))
    return samples


def figures_of(samples: dict[str, list[dict[str, float]]]) -> Figures:
    """Of each side its best round: noise of the machine only ever takes away."""
    figures: Figures = {}
    for side, rounds in samples.items():
        figures[f"streams_per_cpu_s_{side}"] = max(each["streams_per_cpu_s"] for each in rounds)
        figures[f"ttft_ms_p50_{side}"] = min(each["ttft_ms_p50"] for each in rounds)
    if "ours" in samples:
        for peer in samples.keys() - {"ours"}:
            figures[f"vs_{peer}"] = figures["streams_per_cpu_s_ours"] / figures[f"streams_per_cpu_s_{peer}"]
        if "aiohttp" in samples:
            figures["added_ttft_ms_p50"] = figures["ttft_ms_p50_ours"] - figures["ttft_ms_p50_aiohttp"]
    return figures


def _heard(side: str, url: str, seconds: float) -> dict[str, float]:
    command = [_python(side), "-m", "benchmarks.peers.streams", side, url, str(seconds)]
    with harness.running(command, core=harness.server_core()) as process:
        figures: dict[str, float] = json.loads(process.wait_for_line("figures ", seconds + 60))
    return figures


def _here(side: str) -> bool:
    if side == "ours":
        return True
    look = f"import importlib.util as u, sys; sys.exit(u.find_spec({side!r}) is None)"
    return subprocess.run([_python(side), "-c", look], check=False).returncode == 0


def _python(side: str) -> str:
    return os.environ.get(OTHER_PYTHON, sys.executable) if side == "litellm" else sys.executable


if __name__ == "__main__":
    harness.main(NAME, TARGETS, measure)
