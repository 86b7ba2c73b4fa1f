"""Network probes that tell whether a server is ready."""

import base64
import socket
import urllib.error
import urllib.request
from urllib.parse import urlsplit, urlunsplit

TIMEOUT = 2.0
# A proxy in the environment must not be used for loopback.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def http_probe(url: str) -> str | None:
    """None if a GET of this address answers 200; otherwise the problem. The address may contain credentials."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    request = urllib.request.Request(urlunsplit(parts._replace(netloc=host)))
    if parts.username:
        pair = f"{parts.username}:{parts.password or ''}".encode()
        request.add_header("Authorization", f"Basic {base64.b64encode(pair).decode()}")
    try:
        with _opener.open(request, timeout=TIMEOUT):
            return None
    except urllib.error.HTTPError as error:
        with error:
            return f"{parts.path} answers {error.code}"
    except OSError as error:
        return f"{host} does not answer ({getattr(error, 'reason', error)})"


def amqp_probe(url: str) -> str | None:
    """None if an AMQP 0-9-1 broker answers at this address; otherwise the problem."""
    parts = urlsplit(url)
    host, port = parts.hostname or "127.0.0.1", parts.port or 5672
    return greeting_probe(host, port, b"\x01", "does not speak AMQP 0-9-1", b"AMQP\x00\x00\x09\x01")


def greeting_probe(host: str, port: int, greeting: bytes, otherwise: str, hello: bytes = b"") -> str | None:
    """None if a server answers `hello` with this greeting; otherwise the problem."""
    try:
        with socket.create_connection((host, port), TIMEOUT) as connection:
            connection.sendall(hello)
            received = connection.recv(len(greeting))
    except OSError as error:
        return f"{host}:{port} does not answer ({error})"
    return None if received == greeting else f"{host}:{port} {otherwise}"
