"""Bodies: JSON (1), numbers (2), duplicate keys (5), encodings (6), media types (7), operators (8), files (10)."""

import gzip
import json
import zlib
from typing import Any

from services.requests.request.models.attachment import MAX_BYTES
from tests.integration.nasty.row import CANARY, FILE, FILING, LOGIN, PERSON, REGISTER, TAKEN, Row, filing, get, post
from tests.unit.requests.nasty_files import BAD, told_where, zipped

GOOD = json.dumps(FILING).encode()
CONFIRM = "/api/v1/requests/%NUMBER%/confirm"
UPLOAD = "/api/v1/attachments"
FORM = b"application/x-www-form-urlencoded"


def nested(depth: int) -> bytes:
    """A filing in which one answer is nested that deeply."""
    return GOOD[:-1] + b', "x": ' + b"[" * depth + b"]" * depth + b"}"


SHAPES: dict[str, bytes] = {
    "depth 20": nested(19),
    "depth 21": nested(20),
    "depth 900": nested(900),
    "depth 100000": nested(100_000),
    "objects 900 deep": b'{"a":' * 900 + b"1" + b"}" * 900,
    "never closed": b"[" * 60_000,
    "5000 keys": json.dumps({f"k{i}": CANARY for i in range(2000)}).encode(),
    "100000 keys": json.dumps({f"k{i}": 1 for i in range(100_000)}).encode(),
    "array of a million": b'{"x": [' + b"1," * 999_999 + b"1]}",
    "empty": b"",
    "spaces": b"   ",
    "null": b"null",
    "array": b'["%s"]' % CANARY.encode(),
    "text": b'"%s"' % CANARY.encode(),
    "number": b"7",
    "cut off": GOOD[:-5],
    "comma at the end": GOOD[:-1] + b",}",
    "single quotes": GOOD.replace(b'"', b"'"),
    "two documents": GOOD + GOOD,
    "comment": b"/* " + CANARY.encode() + b" */" + GOOD,
    "20 MB": b'{"x": "' + b"a" * 20_000_000 + b'"}',
}


def rupees(literal: str) -> bytes:
    """A complaint about that amount of money."""
    return FARE.replace(b"7001", literal.encode())


def numbered(name: str, literal: str) -> bytes:
    """A filing with a point in Kohat, in which a coordinate or an answer is this literal."""
    where = "answers" if name == "description" else "place"
    point = {"latitude": 33.58, "longitude": 71.44}
    text = json.dumps(filing(**{where: (point if where == "place" else {}) | {name: "@"}}))
    return text.replace('"@"', literal).encode()


NUMBERS = {
    **{literal: ("latitude", literal) for literal in ("NaN", "Infinity", "-Infinity", "1e400", "-1e400", "91")},
    **{
        literal: ("longitude", literal)
        for literal in ("181", "-180.5", '"71"', "true", "[1]", "0x10", "01", "1e", "+1")
    },
    "4301 digits": ("latitude", "1" * 4301),
    "2^63": ("description", str(2**63)),
    "2^53+1": ("description", str(2**53 + 1)),
    "1.0 for a code": ("district", "1.0"),
    "true for a code": ("district", "true"),
}
FARE = json.dumps(
    {
        "service": "fare-overcharged",
        "place": {"district": "kohat", "address": CANARY},
        "answers": {
            "vehicle": "bus",
            "vehicle_number": "AB 1234",
            "route": "Kohat to Hangu",
            "travelled_on": "2026-03-02",
            "rupees_too_much": 7001,
            "description": "Seven thousand rupees too much.",
        },
    }
).encode()
NOT_WHOLE = ('"1"', "true", "1.5", "-1", "[1]")
"""Sent instead of a whole number from 1 to 5."""
AS_GOOD = ("1.0", "2e0")
"""Whole numbers by JSON Schema, so valid in forms; other fields accept only integer literals."""
TWICE = {
    "citizen then admin": b'{"role": "citizen", "role": "admin", ' + GOOD[1:],
    "the same again": GOOD[:-1] + b', "service": "street-light-out"}',
    "escaped": GOOD[:-1] + b', "s\\u0065rvice": "street-light-out"}',
    "deep inside": GOOD.replace(b'"problem": "out"', b'"problem": "out", "problem": "out"'),
    "other case": GOOD[:-1] + b', "Service": "street-light-out"}',
}
TEXT = GOOD.decode()
ENCODED = {
    "utf-16": TEXT.encode("utf-16"),
    "utf-16-le": TEXT.encode("utf-16-le"),
    "utf-32": TEXT.encode("utf-32"),
    "utf-8 with a mark": TEXT.encode("utf-8-sig"),
    "not utf-8": GOOD.replace(CANARY.encode(), b"\xff\xfe\xc3"),
    "overlong": GOOD.replace(CANARY.encode(), b"\xc0\xafetc"),
    "surrogates in utf-8": GOOD.replace(CANARY.encode(), b"\xed\xa0\x80"),
    "latin-1": GOOD.replace(CANARY.encode(), b"caf\xe9"),
}
PACKED = {
    b"gzip": gzip.compress(GOOD),
    b"deflate": zlib.compress(GOOD),
    b"br": GOOD,
    b"identity": GOOD,
    b"gzip, gzip": gzip.compress(gzip.compress(bytes(10_000_000))),
}
KINDS: dict[str, bytes | None] = {
    "missing": None,
    "empty": b"",
    "text/plain": b"text/plain",
    "form that holds JSON": FORM,
    "multipart without boundary": b"multipart/form-data",
    "multipart with a long boundary": b"multipart/form-data; boundary=" + b"b" * 200,
    "another charset": b"application/json; charset=x",
    "charset utf-7": b"application/json; charset=utf-7",
    "charset utf-16": b'application/json; charset="utf-16"',
    "application/jsonp": b"application/jsonp",
    "two in one": b"application/json, text/plain",
}
PARTS = b"".join(b'--b\r\nContent-Disposition: form-data; name="p%d"\r\n\r\n1\r\n' % i for i in range(10_000))
OPERATORS: dict[str, Any] = {
    "$gt": {"$gt": ""},
    "$ne": {"$ne": None},
    "$regex": {"$regex": ".*"},
    "$where": {"$where": "sleep(5000)"},
    "list": ["street-light-out"],
}
KEYS = ("$set", "a.b", "__proto__", "_id", "constructor", "answers.problem", "rev", "state", "citizen_id")
QUERIES = {
    "state[$ne]=x": b"state[$ne]=x",
    "state={$gt}": b"state=%7B%22$gt%22:%22%22%7D",
    "service=$where": b"service=$where",
    "service=12 bytes": b"service=%00%01%02%03%04%05%06%07%08%09%0a%0b",
    "cursor={$gt}": b"cursor=%7B%22$gt%22:%22%22%7D",
    "cursor of zeros": b"cursor=%00",
    "limit=[1]": b"limit=%5B1%5D",
    "limit twice": b"limit=0&limit=-1",
    "kind list": b"kind[]=complaint",
}
IN_PATHS = {"$gt": b"%7B%22$gt%22:%22%22%7D", "$regex": b"%7B%22$regex%22:%22.*%22%7D", "$where": b"$where"}
BODIES: tuple[Row, ...] = (
    *(Row(1, f"{name} to {path}", post(path, body)) for name, body in SHAPES.items() for path in (FILE, REGISTER)),
    *(Row(2, name[:30], post(FILE, numbered(*value))) for name, value in NUMBERS.items()),
    *(Row(2, f"{literal} for rupees", post(FILE, rupees(literal))) for literal in NOT_WHOLE),
    *(
        Row(2, f"{literal} for rupees", post(FILE, rupees(literal)), TAKEN, "to JSON Schema a whole number")
        for literal in (*AS_GOOD, "1")
    ),
    *(
        Row(2, f"{literal} as a rating", post(CONFIRM, b'{"rating": %s}' % literal.encode()), "422")
        for literal in (*NOT_WHOLE, *AS_GOOD)
    ),
    Row(2, "4 as a rating", post(CONFIRM, b'{"rating": 4}'), "409"),
    Row(2, "-0", post(FILE, numbered("latitude", "-0.0")), "422", "a number, and nowhere near the district"),
    Row(2, "4301 digits after the point", post(FILE, numbered("longitude", "71." + "4" * 4301)), TAKEN, "a number"),
    Row(2, "a point in Kohat", post(FILE, numbered("latitude", "33.58")), TAKEN, "what the others are compared with"),
    *(Row(5, name, post(FILE, body)) for name, body in TWICE.items()),
    Row(5, "registration", post(REGISTER, json.dumps(PERSON).encode()[:-1] + b', "name": "Gul"}')),
    Row(
        5,
        "form",
        post("/api/v1/oauth/token", b"grant_type=client_credentials&client_id=a&client_id=b", kind=FORM),
        problem=False,
    ),
    Row(5, "query", get(b"/api/v1/track/RB-7F3K-9Q2M-E?mobile=1234&mobile=5678")),
    *(Row(6, name, post(FILE, body)) for name, body in ENCODED.items()),
    *(
        Row(6, f"content-encoding {how.decode()}", post(FILE, body, b"Content-Encoding: " + how))
        for how, body in PACKED.items()
    ),
    *(Row(7, name, post(FILE, GOOD, kind=kind)) for name, kind in KINDS.items()),
    Row(7, "two headers, JSON first", post(FILE, GOOD, b"Content-Type: application/json", kind=b"text/plain")),
    Row(7, "two headers, JSON last", post(FILE, GOOD, b"Content-Type: text/plain")),
    Row(7, "10,000 parts", post(FILE, PARTS + b"--b--", kind=b"multipart/form-data; boundary=b")),
    *(
        Row(8, f"{name} as {field}", post(FILE, filing(**{field: value})))
        for name, value in OPERATORS.items()
        for field in ("service", "confidential", "draft", "attachments")
    ),
    *(
        Row(8, f"{name} as an answer", post(FILE, filing(answers={"problem": value})))
        for name, value in OPERATORS.items()
    ),
    *(
        Row(8, f"{name} as {field}", post(LOGIN, {"login": "admin", "password": CANARY, field: value}))
        for name, value in OPERATORS.items()
        for field in ("login", "password")
    ),
    *(Row(8, f"member {key}", post(FILE, filing(**{key: CANARY}))) for key in KEYS),
    *(Row(8, f"answer {key}", post(FILE, filing(answers={key: CANARY}))) for key in KEYS),
    *(Row(8, name, get(b"/api/v1/requests?" + query)) for name, query in QUERIES.items()),
    Row(8, "id of an object", get(b"/api/v1/requests/507f1f77bcf86cd799439011")),
    *(Row(8, f"{name} as a number", get(b"/api/v1/requests/" + text)) for name, text in IN_PATHS.items()),
    Row(8, "$ne in a name of a query", get(b"/api/v1/requests?service[$ne]=x&limit[$gt]=0")),
    Row(8, "12 bytes", get(b"/api/v1/requests/abcdefghijkl")),
    *(Row(10, name, post(UPLOAD, content, kind=b"image/jpeg")) for name, (content, _) in BAD.items()),
    Row(10, "zip slip", post(UPLOAD, zipped("../../etc/passwd"), kind=b"application/pdf")),
    Row(10, "15 MB and three bytes", post(UPLOAD, b"\xff\xd8\xff" + bytes(MAX_BYTES), kind=b"image/jpeg")),
    Row(10, "20 MB", post(UPLOAD, b"\xff\xd8\xff" + bytes(20_000_000), kind=b"image/jpeg")),
    Row(
        10,
        "EXIF",
        post(UPLOAD, told_where(), kind=b"image/jpeg"),
        TAKEN,
        "encoded anew without it (journeys/test_attachments.py)",
    ),
    *(
        Row(
            10,
            f"named {name.decode()}",
            post(UPLOAD, told_where(), b"X-File-Name: " + name, kind=b"image/jpeg"),
            TAKEN,
            "the name is cleaned (journeys/test_attachments.py)",
        )
        for name in (b"../../x", b"x.php.jpg", b"a%0d%0aX: y", b"%00", b"UTF-8''%e2%82%ac")
    ),
)
