"""Static files, and bundled scripts."""

import pytest
from starlette.requests import Request

from gateway.web.assets import Assets

ASSETS = Assets()


def asked(path: str) -> Request:
    """A request for an address."""
    return Request({"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b""})


def test_scripts_of_a_page_are_bundled_in_blocks() -> None:
    answer = ASSETS.answer(asked(ASSETS.scripts(["page.js", "live.js", "page.js"])))
    assert answer is not None
    body = bytes(answer.body).decode()
    assert body.count("const language") <= 1
    assert body.startswith("{\n")
    assert body.endswith("}\n")


def test_another_gateway_serves_the_same_bundle() -> None:
    address = ASSETS.scripts(["page.js", "live.js"])
    assert Assets().answer(asked(address)) is not None


@pytest.mark.parametrize(
    "path",
    [
        "/static/page+live.0000000000.js",
        "/static/page+page.0000000000.js",
        "/static/page+.0000000000.js",
        "/static/../session.py",
        "/static/style.css",
        "/static/" + "page+" * 100 + "live.0000000000.js",
        "/other",
    ],
)
def test_other_addresses_are_no_files(path: str) -> None:
    assert ASSETS.answer(asked(path)) is None
