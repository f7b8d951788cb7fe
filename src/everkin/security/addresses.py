"""The form of network addresses that limits count by."""

import ipaddress

_LONGEST = 64


def address_key(host: str) -> str:
    """Return the address that limits count by: an IPv4 address itself, also if mapped into IPv6; for an IPv6 address
    its /64, which usually belongs to one customer of a provider. Text that is not an address (a Unix socket has none)
    counts as itself."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host[:_LONGEST]
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None or address.version == 4:
        return str(mapped or address)
    return str(ipaddress.ip_network((address, 64), strict=False))
