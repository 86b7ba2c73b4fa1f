"""Keys of repetition (11), access tokens (12) and tracking numbers (14)."""

import json

from tests.integration.nasty.row import CANARY, FILE, FILING, TAKEN, Row, filing, get, post

GOOD = json.dumps(FILING).encode()
BEARERS = {
    "alg none": b"Bearer %ALG_NONE%",
    "alg NONE without signature": b"Bearer %ALG_NONE_BARE%",
    "HS256 signed with the public key": b"Bearer %HS256%",
    "kid of a file": b"Bearer %KID%",
    "jku": b"Bearer %JKU%",
    "another typ": b"Bearer %TYP%",
    "payload changed": b"Bearer %PAYLOAD%",
    "signature cut": b"Bearer %TOKEN%"[:-1] + b"%x",
    "expired": b"Bearer %EXPIRED%",
    "not valid yet": b"Bearer %FUTURE%",
    "refresh token": b"Bearer %REFRESH%",
    "three dots": b"Bearer ...",
    "2 MB": b"Bearer " + b"a" * 2_000_000,
    "8 KB": b"Bearer " + b"a.b." * 2048,
    "basic": b"Basic YWRtaW46YWRtaW4=",
    "no scheme": b"%TOKEN%",
    "two in one": b"Bearer %TOKEN%, Bearer %TOKEN%",
    "tab": b"Bearer\t%TOKEN%",
    "operator": b'Bearer {"$gt":""}',
    "not ASCII": b"Bearer \xff\xfe",
    "empty": b"",
}
KEYS = {
    "empty": b"",
    "spaces": b"   ",
    "10 KB": b"k" * 10_240,
    "101 characters": b"k" * 101,
    "space inside": b"a b",
    "not ASCII": b"\xd8\xa8",
    "tab": b"a\tb",
}
NUMBERS = {
    "random": b"RB-7F3K-9Q2M-E?mobile=1234",
    "next one": b"RB-7F3K-9Q2N-E?mobile=1234",
    "none": b"?mobile=1234",
    "line ends": b"RB-7F3K-9Q2M-E%0d%0aSet-Cookie:x=1?mobile=1234",
    "line ends in the digits": b"%NUMBER%?mobile=12%0d%0a34",
    "quoted Unicode": b"%D8%A2%D8%B1?mobile=1234",
    "wildcard": b"*?mobile=1234",
    "pattern": b"RB-.*?mobile=1234",
    "array": b"%NUMBER%?mobile[]=1234",
    "without digits": b"%NUMBER%",
    "wildcard digits": b"%NUMBER%?mobile=****",
    "Urdu digits": b"%NUMBER%?mobile=%DB%B1%DB%B2%DB%B3%DB%B4",
    "digits and a line end": b"%NUMBER%?mobile=%DIGITS%%0a",
    "operator": b"%NUMBER%?mobile=%7B%22$ne%22:null%7D",
    "another citizen's, own digits": b"%NUMBER%?mobile=%OTHER_DIGITS%",
    "two numbers": b"%NUMBER%,%NUMBER%?mobile=%DIGITS%",
}
TOKENS: tuple[Row, ...] = (
    *(Row(11, name, post(FILE, GOOD, b"Idempotency-Key: " + key)) for name, key in KEYS.items()),
    Row(11, "missing", post(FILE, GOOD, without=b"idempotency-key")),
    Row(11, "line feed inside", post(FILE, GOOD, b"Idempotency-Key: a\nX-User-Id: admin"), problem=False),
    Row(11, "carriage return inside", post(FILE, GOOD, b"Idempotency-Key: a\rX-User-Id: admin"), problem=False),
    Row(11, "folded", post(FILE, GOOD, b"Idempotency-Key: a\r\n b"), problem=False),
    Row(11, "NUL inside", post(FILE, GOOD, b"Idempotency-Key: a\0b"), problem=False),
    Row(11, "two of them", post(FILE, GOOD, b"Idempotency-Key: a1", b"Idempotency-Key: a2")),
    Row(11, "used with another body", post(FILE, filing(answers={"description": CANARY}), key=b"%USED_KEY%")),
    Row(11, "an operator", post(FILE, GOOD, key=b'{"$gt":""}'), TAKEN, "a key is any word; compared as text"),
    # Another citizen's key: journeys/test_attachments.py and unit tests of filing; many at once: test_promises.py.
    *(Row(12, name, post(FILE, GOOD, b"Authorization: " + value)) for name, value in BEARERS.items()),
    Row(12, "missing", post(FILE, GOOD, without=b"authorization")),
    Row(12, "twice", post(FILE, GOOD, b"Authorization: Bearer %TOKEN%", b"Authorization: Bearer %OTHER_TOKEN%")),
    Row(12, "in the query", post(FILE + "?access_token=%TOKEN%", GOOD, without=b"authorization")),
    Row(12, "small letters", post(FILE, GOOD, b"authorization: bearer %TOKEN%"), TAKEN, "RFC 9110"),
    *(Row(14, name, get(b"/api/v1/track/" + target)) for name, target in NUMBERS.items()),
    Row(14, "raw Unicode", get(b"/api/v1/track/" + "آر-۷".encode() + b"?mobile=1234"), problem=False),
    Row(14, "its own digits", get(b"/api/v1/track/%NUMBER%?mobile=%DIGITS%"), TAKEN, "the others are compared with it"),
    Row(14, "another citizen's request", get(b"/api/v1/requests/%NUMBER%", b"Authorization: Bearer %OTHER_TOKEN%")),
)
