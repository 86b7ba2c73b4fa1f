"""The client's address, and the key under which it is counted."""

from ipaddress import IPv6Address, ip_address

from starlette.types import Scope


def client_address(scope: Scope, trusted_proxies: int) -> str:
    """The client's address: that of the connection, or the one that our own outermost proxy saw.

    Proxies append to X-Forwarded-For, so only the entries of our own proxies at its end are trusted.
    """
    client = scope.get("client")
    host = client[0] if client else "-"
    if trusted_proxies:
        forwarded = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
        seen = [part.strip().decode("latin-1") for part in forwarded.split(b",")]
        host = seen[-trusted_proxies] if len(seen) >= trusted_proxies and seen[-trusted_proxies] else host
    return address_key(host)


def address_key(host: str) -> str:
    """The key under which an address is counted: an IPv4 address, or the /64 that an IPv6 customer has."""
    if ":" not in host:
        return host
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(IPv6Address(int(address) >> 64 << 64))
