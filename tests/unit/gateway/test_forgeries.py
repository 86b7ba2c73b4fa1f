"""Forged and altered access tokens are refused; a valid one is accepted."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from joserfc.jwk import OKPKey

from shared.auth import ALGORITHM, AUDIENCE, LEEWAY
from tests.unit.gateway.fake_services import FakeServices
from tests.unit.gateway.serving import ISSUER, JWKS, KEY, token

STRANGER = OKPKey.generate_key("Ed25519", parameters={"kid": "test"})
HEADER = {"alg": ALGORITHM, "kid": "test", "typ": "at+jwt"}


def b64(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def claims(**changes: Any) -> dict[str, Any]:
    """The claims of a valid token with changes; None removes a claim."""
    now = int(time.time())
    good = {"iss": ISSUER, "aud": AUDIENCE, "sub": "citizen-1", "role": "citizen", "sid": "s", "iat": now}
    good |= {"nbf": now - 5, "exp": now + 600}
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def signed(header: dict[str, Any] | str, body: dict[str, Any], key: OKPKey = KEY) -> str:
    """A token with this header, signed with an Ed25519 key."""
    text = header if isinstance(header, str) else json.dumps(header)
    content = f"{b64(text.encode())}.{b64(json.dumps(body).encode())}"
    return f"{content}.{b64(key.private_key.sign(content.encode()))}"  # type: ignore[union-attr]  # it has one


def with_payload(payload: str) -> str:
    """A token with this payload, signed with the right key."""
    content = f"{b64(json.dumps(HEADER).encode())}.{b64(payload.encode())}"
    return f"{content}.{b64(KEY.private_key.sign(content.encode()))}"  # type: ignore[union-attr]  # it has one


def twice(claim: str) -> str:
    """Valid claims in which one occurs twice."""
    return json.dumps(claims())[:-1] + f", {claim}}}"


def with_secret(secret: bytes) -> str:
    """A token signed by HMAC with that secret."""
    content = f"{b64(json.dumps({**HEADER, 'alg': 'HS256'}).encode())}.{b64(json.dumps(claims()).encode())}"
    return f"{content}.{b64(hmac.new(secret, content.encode(), hashlib.sha256).digest())}"


def unsigned(alg: str) -> str:
    """A token without a signature."""
    return f"{b64(json.dumps({**HEADER, 'alg': alg}).encode())}.{b64(json.dumps(claims()).encode())}."


PUBLIC_PEM = bytes(KEY.as_pem(private=False))
PUBLIC_RAW = base64.urlsafe_b64decode(JWKS["keys"][0]["x"] + "==")
EMBEDDED = STRANGER.as_dict(private=False)
FORGED: dict[str, Callable[[], str]] = {
    "alg none": lambda: unsigned("none"),
    "alg None": lambda: unsigned("None"),
    "no signature": lambda: unsigned(ALGORITHM),
    "HS256 with the public key as PEM": lambda: with_secret(PUBLIC_PEM),
    "HS256 with the public key's bytes": lambda: with_secret(PUBLIC_RAW),
    "HS256 with the public key as JSON": lambda: with_secret(json.dumps(JWKS["keys"][0]).encode()),
    "HS256 with an empty key": lambda: with_secret(b""),
    "another key": lambda: signed(HEADER, claims(), STRANGER),
    "unknown kid": lambda: signed({**HEADER, "kid": "other"}, claims(), STRANGER),
    "kid is a path": lambda: signed({**HEADER, "kid": "../../../../dev/null"}, claims(), STRANGER),
    "kid is a query": lambda: signed({**HEADER, "kid": "x' OR '1'='1"}, claims(), STRANGER),
    "kid is an object": lambda: signed({**HEADER, "kid": {"$ne": ""}}, claims(), STRANGER),
    "jku": lambda: signed({**HEADER, "jku": "http://127.0.0.1:1/keys"}, claims(), STRANGER),
    "x5u": lambda: signed({**HEADER, "x5u": "http://127.0.0.1:1/chain"}, claims(), STRANGER),
    "jwk": lambda: signed({**HEADER, "jwk": EMBEDDED}, claims(), STRANGER),
    "jwk without kid": lambda: signed({"alg": ALGORITHM, "typ": "at+jwt", "jwk": EMBEDDED}, claims(), STRANGER),
    "alg twice": lambda: signed('{"alg":"none","alg":"Ed25519","kid":"test","typ":"at+jwt"}', claims(), STRANGER),
    "critical extension": lambda: signed({**HEADER, "crit": ["x"], "x": 1}, claims()),
    "typ JWT": lambda: signed({**HEADER, "typ": "JWT"}, claims()),
    "typ of a receipt": lambda: signed({**HEADER, "typ": "rabta-receipt+jws"}, claims()),
    "no typ": lambda: signed({"alg": ALGORITHM, "kid": "test"}, claims()),
    "another issuer": lambda: signed(HEADER, claims(iss="elsewhere")),
    "another audience": lambda: signed(HEADER, claims(aud="elsewhere")),
    "a list of audiences": lambda: signed(HEADER, claims(aud=["elsewhere", AUDIENCE])),
    "a list of our audience": lambda: signed(HEADER, claims(aud=[AUDIENCE])),
    "role twice": lambda: with_payload(twice('"role": "admin"')),
    "expiry twice": lambda: with_payload(twice('"exp": 9999999999')),
    "subject twice, escaped": lambda: with_payload(twice('"s\\u0075b": "citizen-2"')),
    "subject is an operator": lambda: signed(HEADER, claims(sub={"$gt": ""})),
    "session is an operator": lambda: signed(HEADER, claims(sid={"$ne": None})),
    "department is an operator": lambda: signed(HEADER, claims(department={"$ne": None})),
    "role is an operator": lambda: signed(HEADER, claims(role={"$ne": ""})),
    "no audience": lambda: signed(HEADER, claims(aud=None)),
    "no issuer": lambda: signed(HEADER, claims(iss=None)),
    "no subject": lambda: signed(HEADER, claims(sub=None)),
    "never expires": lambda: signed(HEADER, claims(exp=None)),
    "no nbf": lambda: signed(HEADER, claims(nbf=None)),
    "expired half a minute ago": lambda: signed(HEADER, claims(exp=int(time.time()) - 30)),
    "expired a second beyond the leeway": lambda: signed(HEADER, claims(exp=int(time.time()) - LEEWAY - 1)),
    "valid two seconds beyond the leeway": lambda: signed(HEADER, claims(nbf=int(time.time()) + LEEWAY + 2)),
    "valid in half a minute": lambda: signed(HEADER, claims(nbf=int(time.time()) + 40)),
    "a role that there is not": lambda: signed(HEADER, claims(role="root")),
    "expires as a text": lambda: signed(HEADER, claims(exp="never")),
    "a refresh token": lambda: "8yRkq0nYk0dPOM3sVf6pN2wQy0cXb1zTj5hLr7uGaEo",
    "claims that are a list": lambda: f"{b64(json.dumps(HEADER).encode())}.{b64(b'[]')}.AAAA",
}


async def status(url: str, text: str) -> int:
    """The status for a token."""
    headers = {"Authorization": f"Bearer {text}"}
    async with aiohttp.ClientSession() as http, http.get(f"{url}/api/v1/requests", headers=headers) as answer:
        return answer.status


async def test_valid_token_is_accepted(url: str) -> None:
    assert await status(url, signed(HEADER, claims())) == 200
    assert await status(url, token()) == 200
    assert await status(url, with_payload(json.dumps(claims()))) == 200
    assert await status(url, signed(HEADER, claims(exp=int(time.time()) - LEEWAY + 5))) == 200


async def test_forged_token_is_refused(url: str, services: FakeServices) -> None:
    answers = {name: await status(url, make()) for name, make in FORGED.items()}
    assert {name: answer for name, answer in answers.items() if answer != 401} == {}
    assert services.seen == []


async def test_altered_token_is_refused(url: str, services: FakeServices) -> None:
    good = token()
    for place in range(0, len(good), 7):
        other = "A" if good[place] != "A" else "B"
        assert await status(url, good[:place] + other + good[place + 1 :]) == 401, place
    assert services.seen == []


@pytest.mark.parametrize("size", [5_000, 2_000_000])
async def test_huge_token_is_refused(url: str, services: FakeServices, size: int) -> None:
    assert await status(url, "a" * size) in (401, 431)
    assert services.seen == []
    assert await status(url, token()) == 200
