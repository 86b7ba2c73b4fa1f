"""Which addresses a webhook may have."""

import socket
from ipaddress import ip_address

import pytest

from services.routing.subscriptions.addresses import (
    InsideAddressError,
    UrlRefusedError,
    checked_socket,
    may_call,
    read_url,
)
from tests.cases import cases

OUTSIDE = ["8.8.8.8", "203.135.0.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]
LOOPBACK = ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"]
INSIDE = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "::ffff:0:10.0.0.1",
    "ff02::1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::a00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a00:1",
    "2002:a00:1::",
    "2001:0:4136:e378:8000:63bf:f5ff:fffe",
    "2001:db8::1",
]


@cases("text", OUTSIDE)
def test_public_addresses_may_be_called(text: str) -> None:
    assert may_call(ip_address(text), trial=False)


@cases("text", LOOPBACK)
def test_loopback_may_be_called_in_the_demo_only(text: str) -> None:
    assert (may_call(ip_address(text), trial=True), may_call(ip_address(text), trial=False)) == (True, False)


@cases("text", INSIDE)
def test_addresses_inside_may_never_be_called(text: str) -> None:
    assert not may_call(ip_address(text), trial=False)
    assert not may_call(ip_address(text), trial=True)


@cases("text", ["127.0.0.1", "10.0.0.1", "::1", "fe80::1%1", "::ffff:169.254.169.254"])
def test_no_socket_is_made_for_an_address_inside(text: str) -> None:
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    with pytest.raises(InsideAddressError):
        checked_socket(trial=False)((family, socket.SOCK_STREAM, 0, "", (text, 443)))


@cases("text", ["https://hooks.example.org/rabta?a=1", "https://hooks.example.org:8443/", "https://8.8.8.8/x"])
def test_https_addresses_are_read(text: str) -> None:
    assert read_url(text, trial=False) == text


@cases(
    "text",
    [
        "",
        "http://hooks.example.org/",
        "ftp://hooks.example.org/",
        "https://",
        "https://user:secret@hooks.example.org/",
        "https://hooks.example.org/#part",
        "https://hooks.example.org:0/",
        "https://hooks.example.org:99999/",
        "https://hooks.example.org/a b",
        "https://hooks.example.org/a\r\nHost: b",
        "https://پانی.example/",
        "https://hooks.example.org/" + "a" * 500,
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:9000/",
        "http://localhost:9000/",
    ],
)
def test_other_addresses_are_refused(text: str) -> None:
    with pytest.raises(UrlRefusedError):
        read_url(text, trial=False)


def test_the_demo_allows_plain_http_to_loopback_only() -> None:
    assert read_url("http://127.0.0.1:9000/", trial=True)
    assert read_url("http://localhost:9000/", trial=True)
    for text in ("http://hooks.example.org/", "http://10.0.0.1/", "https://10.0.0.1/"):
        with pytest.raises(UrlRefusedError):
            read_url(text, trial=True)
