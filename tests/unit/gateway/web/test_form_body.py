"""Reading forms is limited, for each form and for all forms together."""

import pytest
from starlette.requests import Request
from starlette.types import Message

from gateway.web.form_body import FormMemory, read_form
from shared.errors import UnavailableError
from shared.jsonbody import TooLargeError

HEAD = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
FORM = HEAD + b"p" * 1000 + b"\r\n--x--\r\n"


def a_request(body: bytes = FORM) -> Request:
    """A form with a file, as it comes from a browser."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", b"multipart/form-data; boundary=x")]
    return Request({"type": "http", "method": "POST", "headers": headers}, receive)


async def test_memory_of_all_forms_is_limited_and_freed() -> None:
    hand = FormMemory(len(FORM) + 100)
    with hand.budget() as room:
        form = await read_form(a_request(), room, 2000)
        assert [name for name, _ in form.files] == ["file"]
        with hand.budget() as second, pytest.raises(UnavailableError) as refused:
            await read_form(a_request(), second, 2000)
        assert refused.value.headers == {"Retry-After": "30"}
    assert hand.used == 0
    with hand.budget() as room:
        await read_form(a_request(), room, 2000)


async def test_too_large_form_frees_its_memory() -> None:
    hand = FormMemory()
    with hand.budget() as room, pytest.raises(TooLargeError):
        await read_form(a_request(), room, 500)
    assert hand.used == 0
