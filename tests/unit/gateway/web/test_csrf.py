"""Protection against forged forms: tokens belong to one browser, and forms come from our pages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.web.session import WebSession, form_token, is_same_origin, is_valid_token


def test_token_is_valid_only_for_its_browser() -> None:
    mine, other = WebSession(), WebSession()
    token, others = form_token(mine), form_token(other)
    assert is_valid_token(mine, token)
    assert not is_valid_token(mine, others)
    assert not is_valid_token(WebSession(), token)


def test_each_token_is_different() -> None:
    session = WebSession()
    tokens = {form_token(session) for _ in range(20)}
    assert len(tokens) == 20
    assert all(is_valid_token(session, token) for token in tokens)


@given(st.text(max_size=100))
def test_other_text_is_no_token(text: str) -> None:
    session = WebSession(form="ab" * 16)
    assert not is_valid_token(session, text)


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site", "origin": "https://rabta.example", "host": "rabta.example"}, False),
        ({"origin": "https://rabta.example", "host": "rabta.example"}, True),
        ({"origin": "https://evil.example", "host": "rabta.example"}, False),
        ({"origin": "null", "host": "rabta.example"}, False),
        ({"host": "rabta.example"}, True),
    ],
)
def test_form_must_come_from_our_pages(headers: dict[str, str], ours: bool) -> None:
    assert is_same_origin(headers) is ours
