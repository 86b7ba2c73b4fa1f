"""Which addresses a webhook may have: none that leads inside, to other services, the database, a cloud's metadata.

Each address is checked when a connection is opened, after the name was resolved, and the connection goes to exactly the
address that was checked.
"""

import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
AddressInfo = tuple[Any, Any, int, str, tuple[Any, ...]]
CARRIES_IPV4 = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"), IPv6Network("::ffff:0:0:0/96"))
"""Networks (NAT64, IPv4-compatible, IPv4-translated) whose addresses end in an IPv4 address."""
NEVER = (
    IPv6Network("64:ff9b:1::/48"),
    IPv6Network("fec0::/10"),
    IPv4Network("168.63.129.16/32"),
    IPv4Network("192.0.0.0/24"),
)
"""NAT64 of a site's own, site-local addresses, and addresses at which clouds tell of the host: `is_global` allows them.
"""
MAX_URL = 500


class InsideAddressError(OSError):
    """The name leads to an address that a webhook may not have."""


class UrlRefusedError(ValueError):
    """The address of a webhook has a wrong form; the argument is the code of the problem."""


def read_url(text: str, *, trial: bool) -> str:
    """The address of a webhook, if it has the right form. `trial`: plain http is allowed, to loopback.

    Raises UrlRefusedError. That it leads outside is checked with each connection.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise UrlRefusedError("webhook_url") from None
    plain = trial and parts.scheme == "http"
    harmless = text.isascii() and text.isprintable() and " " not in text and len(text) <= MAX_URL
    if not harmless or (parts.scheme != "https" and not plain) or not parts.hostname or port == 0:
        raise UrlRefusedError("webhook_url")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise UrlRefusedError("webhook_url")
    if plain and not _is_loopback_name(parts.hostname):
        raise UrlRefusedError("webhook_url")
    if (literal := _literal(parts.hostname)) is not None and not may_call(literal, trial=trial):
        raise UrlRefusedError("webhook_inside")
    return text


def may_call(address: Address, *, trial: bool) -> bool:
    """Whether a webhook may have this address. `trial`: loopback is allowed, as in the demo."""
    real = _carried(address)
    if trial and real.is_loopback:
        return True
    return real.is_global and not real.is_multicast and not any(real in network for network in NEVER)


def checked_socket(*, trial: bool) -> Callable[[AddressInfo], socket.socket]:
    """Makes the socket for a connection to an address. Raises InsideAddressError for one that may not be called."""

    def make(info: AddressInfo) -> socket.socket:
        family, kind, protocol, _, where = info
        if not may_call(ip_address(where[0].partition("%")[0]), trial=trial):
            raise InsideAddressError("inside")
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        return made

    return make


def _carried(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if any(address in network for network in CARRIES_IPV4) and int(address) > 1:  # ::1 is loopback
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_loopback_name(host: str) -> bool:
    literal = _literal(host)
    return host == "localhost" or (literal is not None and literal.is_loopback)
