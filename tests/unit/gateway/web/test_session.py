"""The cookie of the session: unreadable, unalterable, and small enough for browsers."""

import base64
import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.web.session import MAX_BYTES, Cookies, Sealer, SignedIn, WebSession


def key(letter: bytes) -> str:
    """A key as the settings hold it."""
    return base64.b64encode(letter * 32).decode()


SEALER = Sealer([key(b"a")])
COOKIES = Cookies(SEALER, https=True)
SIGNED_IN = SignedIn(
    account="a" * 32,
    role="officer",
    department="works",
    access_token="t" * 600,
    refresh_token="r" * 43,
    access_until=time.time() + 600,
    idle_until=time.time() + 3600,
    name="شازیہ بی بی",
    place={"en": "Roads and Street Lights", "ur": "محکمہ تعمیرات"},
)


def sent_back(cookies: Cookies, session: WebSession) -> str:
    """The Cookie header that a browser sends for this session."""
    return cookies.write(session).partition(";")[0]


def test_session_survives_the_cookie() -> None:
    session = WebSession(form="ab" * 16, signed_in=SIGNED_IN, digits={"RB-1": "0888"}, note="Sent.", steps={"a": [1]})
    assert COOKIES.read(f"other=1; {sent_back(COOKIES, session)}; more=2") == session


def test_cookie_over_https_is_bound_to_the_host() -> None:
    written = COOKIES.write(WebSession(form="ab"))
    assert written.startswith("__Host-rabta=")
    assert all(part in written for part in ("Path=/", "HttpOnly", "SameSite=Lax", "Secure"))
    assert "Domain" not in written


def test_cookie_is_unreadable() -> None:
    written = COOKIES.write(WebSession(signed_in=SIGNED_IN))
    assert "officer" not in written
    assert "tttt" not in base64.urlsafe_b64decode(written[13:].partition(";")[0] + "==").decode("latin-1")


@given(st.data())
def test_altered_cookie_is_ignored(data: st.DataObject) -> None:
    text = sent_back(COOKIES, WebSession(signed_in=SIGNED_IN)).partition("=")[2]
    at = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("ABCxyz019-_").filter(lambda one: one != text[at]))
    for changed in (text[:at], text[:at] + letter + text[at + 1 :]):
        session = COOKIES.read(f"__Host-rabta={changed}")
        assert session == WebSession() or session.signed_in == SIGNED_IN  # the last letter may hold unused bits


@pytest.mark.parametrize(
    "header", ["", "rabta", "__Host-rabta=", "__Host-rabta=x", "a=b; ;;=", "__Host-rabta=gAAAAA=="]
)
def test_foreign_cookie_is_an_empty_session(header: str) -> None:
    assert COOKIES.read(header) == WebSession()


def test_old_key_still_decrypts() -> None:
    before = sent_back(COOKIES, WebSession(note="old"))
    after = Cookies(Sealer([key(b"b"), key(b"a")]), https=True)
    assert after.read(before).note == "old"
    assert COOKIES.read(sent_back(after, WebSession(note="new"))) == WebSession()


def test_cookie_of_another_version_is_an_empty_session() -> None:
    contents: list[Any] = [[], {}, {"signed_in": None, "unknown": 1}, {"signed_in": {"account": "a"}}]
    for content in contents:
        assert COOKIES.read(f"__Host-rabta={SEALER.seal(content)}") == WebSession()


def test_cookie_never_exceeds_the_limit_of_browsers() -> None:
    session = WebSession(form="ab" * 16, signed_in=replace(SIGNED_IN, access_token="t" * 1500), note="ن" * 600)
    for number in range(9):
        session.remember(session.digits, f"RB-7F3K-9Q2M-{number}", "0888")
        session.remember(session.keys, f"RB-7F3K-9Q2M-{number}", "k" * 100)
    assert len(session.digits) == 3
    written = sent_back(COOKIES, session)
    assert len(written) <= MAX_BYTES + 20
    kept = COOKIES.read(written)
    assert kept.signed_in == session.signed_in


def test_large_steps_never_sign_the_citizen_out() -> None:
    """The session of a clerk keeps names of citizens, which may be long."""
    names = {str(number): {"name": "ب " * 300} for number in range(3)}
    session = WebSession(form="ab" * 16, signed_in=SIGNED_IN, steps={"citizens": names, "channel": "counter"})
    written = sent_back(COOKIES, session)
    assert len(written) <= MAX_BYTES + 20
    kept = COOKIES.read(written)
    assert (kept.signed_in, kept.steps) == (SIGNED_IN, {"channel": "counter"})


def test_signing_in_and_out_invalidates_earlier_forms() -> None:
    session = WebSession(form="ab" * 16, digits={"RB-1": "0888"}, steps={"x": 1})
    session.sign_in(SIGNED_IN)
    assert session.form != "ab" * 16
    session.sign_out()
    assert session == WebSession()
    assert "Max-Age=0" in COOKIES.write(session)


def test_expired_seal_is_not_opened() -> None:
    assert SEALER.open(SEALER.seal({"a": 1}), 60) == {"a": 1}
    old = SEALER._fernet._fernets[0].encrypt_at_time(b"{}", int(time.time()) - 61).decode()
    assert SEALER.open(old, 60) is None
