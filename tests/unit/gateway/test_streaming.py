"""Streamed bodies and files: limits of size and time, and headers that prevent showing files."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.types import Message, Receive

from gateway.streaming import (
    MAX_FILE,
    BodyTooLargeError,
    ClientGoneError,
    StreamedBody,
    UploadTooSlowError,
    file_headers,
    send_chunks,
    streamed_body,
)
from shared.jsonbody import UnsupportedMediaTypeError

GONE: Message = {"type": "http.disconnect"}
Given = list[tuple[bytes, bytes]]


def piece(body: bytes, *, more: bool = True) -> Message:
    """A part of a body."""
    return {"type": "http.request", "body": body, "more_body": more}


def saying(messages: Iterable[Message], wait: Callable[[], Any] | None = None) -> Receive:
    """A client that sends these, and then nothing."""
    left = iter(messages)

    async def receive() -> Message:
        if wait is not None:
            await wait()
        for message in left:
            return message
        await asyncio.Event().wait()
        raise AssertionError

    return receive


async def whole(body: StreamedBody) -> list[bytes]:
    """All chunks of a body."""
    return [chunk async for chunk in body.chunks()]


async def test_body_is_streamed() -> None:
    body = StreamedBody(saying([piece(b"one"), piece(b""), piece(b"two"), piece(b"", more=False)]))
    assert await whole(body) == [b"one", b"two"]
    assert (body.size, body.failure) == (6, None)
    assert await whole(StreamedBody(saying([piece(b"all", more=False)]))) == [b"all"]


async def test_too_large_body_is_cut_off() -> None:
    assert await whole(StreamedBody(saying([piece(b"12345", more=False)]), max_bytes=5)) == [b"12345"]
    body = StreamedBody(saying([piece(b"1234"), piece(b"56")]), max_bytes=5)
    chunks = body.chunks()
    assert await anext(chunks) == b"1234"
    with pytest.raises(BodyTooLargeError) as raised:
        await anext(chunks)
    assert body.failure is raised.value
    assert raised.value.status == 413


async def test_disconnected_client_is_recognised() -> None:
    body = StreamedBody(saying([piece(b"one"), GONE]))
    with pytest.raises(ClientGoneError):
        await whole(body)
    assert isinstance(body.failure, ClientGoneError)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The clock of the gateway, which only the test moves."""
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr("gateway.streaming.time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def slowly(messages: Iterable[Message], clock: SimpleNamespace) -> Receive:
    """A client that needs 10 ms for each message."""

    async def wait() -> None:
        await asyncio.sleep(0)
        clock.now += 0.01

    return saying(messages, wait)


async def test_sender_that_stops_is_cut_off() -> None:
    stopped = StreamedBody(saying([piece(b"one")]), grace=0.05)
    with pytest.raises(UploadTooSlowError) as raised:
        await whole(stopped)
    assert raised.value.status == 408
    assert stopped.failure is raised.value


async def test_slow_sender_is_cut_off_and_steady_sender_is_not(clock: SimpleNamespace) -> None:
    trickling = StreamedBody(slowly([piece(b"x")] * 1000, clock), grace=0.1, rate=1000.0)
    with pytest.raises(UploadTooSlowError):
        await whole(trickling)
    assert 5 < trickling.size < 20
    steady = StreamedBody(
        slowly([*[piece(b"x" * 1000)] * 20, piece(b"", more=False)], clock), grace=0.05, rate=50_000.0
    )
    assert len(await whole(steady)) == 20


async def test_waiting_for_the_service_does_not_count(clock: SimpleNamespace) -> None:
    body = StreamedBody(slowly([piece(b"x"), piece(b"y"), piece(b"z", more=False)], clock), grace=0.1)
    got = []
    async for chunk in body.chunks():
        clock.now += 60
        got.append(chunk)
    assert got == [b"x", b"y", b"z"]


@pytest.mark.parametrize(
    ("length", "refused", "closes"),
    [
        (b"0", False, False),
        (b"%d" % MAX_FILE, False, False),
        (b"%d" % (MAX_FILE + 1), True, False),
        (b"999999999", True, True),
        (b"-1", True, True),
        (b"1e3", True, True),
        (b"9" * 5000, True, True),
    ],
)
def test_declared_length_is_forwarded_or_refused(length: bytes, refused: bool, closes: bool) -> None:
    headers: dict[str, str] = {}
    scope = {"headers": [(b"content-length", length)]}
    if not refused:
        streamed_body(scope, saying([]), headers)
        assert headers == {"Content-Length": length.decode()}
        return
    with pytest.raises(BodyTooLargeError) as raised:
        streamed_body(scope, saying([]), headers)
    assert ("Connection" in (raised.value.headers or {})) == closes
    assert headers == {}


def test_compressed_file_is_refused_and_length_is_optional() -> None:
    with pytest.raises(UnsupportedMediaTypeError):
        streamed_body({"headers": [(b"content-encoding", b"gzip")]}, saying([]), {})
    headers: dict[str, str] = {}
    assert streamed_body({"headers": []}, saying([]), headers).max_bytes == MAX_FILE
    assert headers == {}


SAVED = (b"Content-Disposition", b'attachment; filename="attachment.jpg"')
OWN: Given = [(b"content-security-policy", b"default-src 'self'"), (b"x-content-type-options", b"nosniff")]
OUT: Given = [(b"content-type", b"image/jpeg"), (b"cache-control", b"no-cache")]


def test_file_is_saved_and_not_shown_or_cached() -> None:
    given = file_headers(200, [(b"Content-Length", b"9"), SAVED, (b"Set-Cookie", b"a=b")], OUT, OWN)
    assert sorted(given) == [
        (b"cache-control", b"private, no-store"),
        (b"content-disposition", SAVED[1]),
        (b"content-length", b"9"),
        (b"content-security-policy", b"default-src 'none'; sandbox"),
        (b"content-type", b"image/jpeg"),
        (b"x-content-type-options", b"nosniff"),
    ]


@pytest.mark.parametrize(
    ("status", "disposition"),
    [(404, SAVED), (201, SAVED), (200, (b"content-disposition", b"inline")), (200, (b"x-other", b"1"))],
)
def test_other_responses_have_the_usual_headers(status: int, disposition: tuple[bytes, bytes]) -> None:
    given = file_headers(status, [(b"content-length", b"9"), disposition], OUT, OWN)
    assert given == [*OUT, (b"content-length", b"9"), *OWN]


async def test_chunks_are_sent_one_by_one() -> None:
    steps: list[str] = []

    async def pieces() -> AsyncIterator[bytes]:
        for number in range(3):
            steps.append(f"read {number}")
            yield b"%d" % number

    async def send(message: Message) -> None:
        steps.append(f"sent {message['body'].decode()} {message.get('more_body', False)}")

    await send_chunks(pieces(), send)
    assert steps == ["read 0", "sent 0 True", "read 1", "sent 1 True", "read 2", "sent 2 True", "sent  False"]
