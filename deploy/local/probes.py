"""Network probes that tell whether a server is ready."""

import base64
import socket
import urllib.error
import urllib.request
from urllib.parse import urlsplit, urlunsplit

# A proxy in the environment must not be used for loopback.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def http_probe(url: str, timeout: float = 2.0) -> str | None:
    """None if a GET of this address answers 200; otherwise the problem. The address may contain credentials."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    request = urllib.request.Request(urlunsplit(parts._replace(netloc=host)))
    if parts.username:
        pair = f"{parts.username}:{parts.password or ''}".encode()
        request.add_header("Authorization", f"Basic {base64.b64encode(pair).decode()}")
    try:
        with _opener.open(request, timeout=timeout):
            return None
    except urllib.error.HTTPError as error:
        with error:
            return f"{parts.path} answers {error.code}"
    except OSError as error:
        return f"{host} does not answer ({getattr(error, 'reason', error)})"


def amqp_probe(url: str, timeout: float = 2.0) -> str | None:
    """None if an AMQP 0-9-1 broker answers at this address; otherwise the problem."""
    parts = urlsplit(url)
    host, port = parts.hostname or "127.0.0.1", parts.port or 5672
    try:
        with socket.create_connection((host, port), timeout) as connection:
            connection.sendall(b"AMQP\x00\x00\x09\x01")
            greeting = connection.recv(1)
    except OSError as error:
        return f"{host}:{port} does not answer ({error})"
    return None if greeting == b"\x01" else f"{host}:{port} does not speak AMQP 0-9-1"


def smtp_probe(host: str, port: int, timeout: float = 2.0) -> str | None:
    """None if a mail server answers at this address; otherwise the problem."""
    try:
        with socket.create_connection((host, port), timeout) as connection:
            greeting = connection.recv(3)
    except OSError as error:
        return f"{host}:{port} does not answer ({error})"
    return None if greeting == b"220" else f"{host}:{port} does not greet as a mail server"
