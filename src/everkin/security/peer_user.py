"""The operating system's user at the other end of a loopback connection (Linux)."""

import ipaddress
import sys
from pathlib import Path

Address = tuple[str, int]
"""IP address and port."""

_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_ESTABLISHED = "01"


def uid_of_peer(peer: Address, own: Address, tables: tuple[Path, ...] = _TABLES) -> int | None:
    """Return the user id that made the peer's socket, from the kernel's table of TCP sockets (proc(5),
    `/proc/net/tcp`); None when it is not found there. `peer`: the other end; `own`: our end.

    Only an open connection counts: the kernel shows user 0 for one that its program has closed.
    """
    wanted = _rows_of(peer, own)
    for table in tables:
        if (uid := _search(table, wanted)) is not None:
            return uid
    return None


def _search(table: Path, wanted: frozenset[tuple[str, str]]) -> int | None:
    try:
        with table.open(encoding="ascii") as lines:
            next(lines, None)
            for line in lines:
                columns = line.split()
                if (columns[1], columns[2]) in wanted and columns[3] == _ESTABLISHED:
                    return int(columns[7])
    except OSError:
        return None
    return None


def _rows_of(peer: Address, own: Address) -> frozenset[tuple[str, str]]:
    """Return the columns local_address and rem_address of the peer's socket: an IPv4 connection may have been made by
    an IPv6 socket, so both forms are searched."""
    ends = [(_unmapped(host), port) for host, port in (peer, own)]
    rows = {tuple(_column(address.packed, port) for address, port in ends)}
    if all(address.version == 4 for address, _ in ends):
        rows.add(tuple(_column(bytes(10) + b"\xff\xff" + address.packed, port) for address, port in ends))
    return frozenset((row[0], row[1]) for row in rows)


def _unmapped(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    address = ipaddress.ip_address(host)
    return getattr(address, "ipv4_mapped", None) or address


def _column(packed: bytes, port: int) -> str:
    """Return an address as the kernel prints it: 32-bit words in the byte order of the machine."""
    words = (int.from_bytes(packed[at : at + 4], sys.byteorder) for at in range(0, len(packed), 4))
    return "".join(f"{word:08X}" for word in words) + f":{port:04X}"
