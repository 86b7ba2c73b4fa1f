"""Ports: below the kernel's ephemeral ones, never reserved twice, and errors that name the holder."""

import os
import socket
from collections.abc import Iterator

import pytest

from deploy.local.errors import LocalError
from deploy.local.ports import HIGHEST, LOWEST, Ports, holder, is_taken


@pytest.fixture
def ports() -> Iterator[Ports]:
    ports = Ports()
    yield ports
    ports.release()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_any_port_is_below_the_ephemeral_ones(ports: Ports) -> None:
    assert LOWEST <= ports.take() <= HIGHEST < 32768


def test_a_usual_port_is_kept_when_it_is_free(ports: Ports) -> None:
    port = Ports().take()
    assert ports.take(port) == port
    assert ports.moved == []


def test_a_port_is_never_given_twice(ports: Ports) -> None:
    first = ports.take()
    other = Ports()
    second = other.take(first)
    assert second > first
    assert (second - first) % 10 == 0, "ten further up, or more where another program listens"
    assert str(first) in other.moved[0]
    other.release()


def test_a_released_port_can_be_taken_again(ports: Ports) -> None:
    port = ports.take()
    ports.release()
    assert ports.take(port) == port


def test_the_refusal_of_a_taken_port_names_its_holder(ports: Ports, listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    assert is_taken(port)
    assert f"pid {os.getpid()}" in holder(port)
    with pytest.raises(LocalError, match=f"port {port} is taken by .*pid {os.getpid()}"):
        ports.claim(port)
