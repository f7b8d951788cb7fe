"""Whether a name or an address is this machine."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether `host` (without a port) is this machine: `localhost`, 127.0.0.0/8, ::1 (also in brackets, also IPv4
    mapped into IPv6). Names are not resolved: a name that merely points here is not this machine (DNS rebinding)."""
    name = host.strip().removeprefix("[").removesuffix("]").lower()
    if name == "localhost":
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
