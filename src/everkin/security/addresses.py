"""The network address that limits count by."""

import ipaddress

_LONGEST = 64


def address_key(host: str) -> str:
    """An IPv4 address itself, also where it is mapped into IPv6; of an IPv6 address its /64, which one customer of a
    provider usually has whole. What is no address (a socket file has none) counts as its own text."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host[:_LONGEST]
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None or address.version == 4:
        return str(mapped or address)
    return str(ipaddress.ip_network((address, 64), strict=False))
