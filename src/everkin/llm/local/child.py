"""The process that loads the weights: `python -m everkin.llm.local.child`.

The first line of its standard input is JSON (see ChildConfig); it answers with one JSON line, `{"address": ...}` once
it listens or `{"error": ...}`. It runs exactly as long as its standard input stays open: the kernel closes the parent's
end however the parent dies, so no server is ever left behind, not even after SIGKILL.
"""

import os
import sys
import threading
from typing import Any, BinaryIO

import msgspec

FAILED_TO_LOAD = 3
"""Exit code when the weights cannot be loaded."""


class ChildConfig(msgspec.Struct):
    """The configuration the parent sends."""

    weights: str
    """Path of the GGUF file."""
    alias: str
    """The server's name of its model."""
    key: str
    """The bearer token that every request needs, so that other users of this machine cannot use the server. It is sent
    over the pipe because arguments and environment are visible from outside."""
    threads: int = 1
    """Threads for prompt and generation."""
    context: int = 8192
    """Context window in tokens, shared by the slots."""
    slots: int = 2
    """Requests worked on at once."""
    cache_mib: int = 512
    """Bound of the prompt cache in MiB."""


def main() -> None:
    """Load the model and serve it until the parent's end of standard input closes."""
    talk = _own_stdout()
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=ChildConfig)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    try:
        server = _serve(order)
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        _say(talk, {"error": f"{type(error).__name__}: {error}"})
        os._exit(FAILED_TO_LOAD)
    _say(talk, {"address": server.listening_address})
    threading.Event().wait()


def _serve(order: ChildConfig) -> Any:
    os.putenv("OMP_NUM_THREADS", str(order.threads))
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = order.weights
    params.model_alias = {order.alias}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [order.key]
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = order.threads
    params.n_ctx = order.context
    params.n_parallel = order.slots
    params.n_batch = 512
    params.cache_ram_mib = order.cache_mib
    params.verbosity = 0
    params.ui = params.endpoint_slots = params.endpoint_props = params.endpoint_metrics = False
    return xllamacpp.Server(params)


def _own_stdout() -> BinaryIO:
    """Return a duplicate of standard output for the answer; output of the C++ code is redirected to standard error."""
    talk = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    return talk


def _say(talk: BinaryIO, line: dict[str, str]) -> None:
    talk.write(msgspec.json.encode(line) + b"\n")


def _end_with_parent() -> None:
    while os.read(0, 4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
