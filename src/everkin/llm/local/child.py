"""The process that holds the weights: `python -m everkin.llm.local.child`.

Its first line of standard input is a JSON order (see Order); it answers with one JSON line, `{"address": ...}` once it
listens or `{"error": ...}`. It lives exactly as long as that standard input stays open: the kernel closes the parent's
end however the parent dies, so no server is ever left behind, not even after SIGKILL.
"""

import os
import sys
import threading
from typing import Any, BinaryIO

import msgspec

FAILED_TO_LOAD = 3


class ChildConfig(msgspec.Struct):
    weights: str
    alias: str
    """What the server calls its model."""
    key: str
    """The bearer token without which the server answers nobody, so that other people on this machine cannot use it. It
    comes over the pipe because arguments and environment can be seen from outside."""
    threads: int = 1
    context: int = 8192
    slots: int = 2
    cache_mib: int = 512


def main() -> None:
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
    """Standard output for our one line; whatever the C++ side prints goes to standard error instead."""
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
