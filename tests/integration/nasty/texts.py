"""Texts: characters (3), typed numbers (4), search (9), output by SMS (15) and elsewhere (16), time (18)."""

from urllib.parse import quote

from tests.integration.nasty.row import CANARY, FILE, REGISTER, TAKEN, Row, described, filing, get, person, post

ZALGO = "a" + "\u0336" * 50
HIDDEN = {
    "NUL": "\0",
    "lone surrogate": "\ud800",
    "surrogates the wrong way round": "\udc00\ud800",
    "non-character": "\ufffe",
    "escape": "\x1b[31m",
    "backspace": "\b",
    "C1": "\x9b31m",
}
LENGTHS = {
    "65537 characters": "a" * 65_537,
    "too long": "a" * 5000,
    "empty": "",
    "spaces only": " " * 12,
    "signs only": "." * 12,
}
KEPT = {
    "ZWNJ": ("می\u200cخواہم کہ بتی ٹھیک ہو", "Urdu is written with it"),
    "ZWJ": ("بتی\u200d ٹھیک کریں", "Urdu is written with it"),
    "Zalgo": (ZALGO, "within the length; marks belong to letters"),
    "NFD": ("cafe\u0301 road", "stored as it was written"),
    "tabs": ("a\tlamp\tis out", "people paste tables"),
    "mark inside": ("a\ufefflamp is out", "taken out: nobody sees it"),
    "RTL override": ("a lamp\u202e is out", "taken out"),
    "isolate": ("a lamp \u2066is out", "taken out where it is left open"),
    "a number from the contacts": ("call \u2066+92 300 7654321\u2069", "kept: Urdu sets the number right by it"),
    "emoji": ("the lamp 💡 is out", "people write so"),
    "html": ("<img src=x onerror=alert(1)></script> is out", "answers are JSON; pages escape"),
    "template": ("{{7*7}} ${7*7} %s {0.__class__} is out", "texts are never templates"),
    "formula": ("=cmd|' /C calc'!A0 is out", "no CSV is written"),
}
FIELDS: dict[str, dict[str, str]] = {
    "cnic": {
        "superscript": "35202-123456⁷-1",
        "14 digits": "35202-1234567-12",
        "12 digits": "35202-123456-1",
        "all zeros": "00000-0000000-0",
        "letters": "3520Z-1234567-1",
    },
    "mobile": {
        "full-width": "＋９２３００１２３４５６７",
        "14 digits": "+92300123456789",
        "all zeros": "00000000000",
        "landline": "+92912345678",
        "of another country": "+14155550123",
        "extension": "+923001234567;ext=1",
    },
    "name": {
        "Cyrillic among Latin": "Gul M\u0435\u0435na",
        "Greek among Latin": "G\u03c5l Meena",
        "link": "Gul http://evil.example",
        "address of a page": "Win www.evil.example",
        "domain": "prize evil.com",
        "code": "Your code is 123456",
        "code in Urdu digits": "کوڈ ۱۲۳۴۵۶",
        "template": "{{7*7}}",
        "shell": "${jndi:ldap}",
        "format": "%s%s%n",
        "class": "{0.__class__}",
        "markup": "<img onerror=x>",
        "formula": "=cmd|' /C calc'!A0",
        "formula with @": "@SUM(A)",
        "1600 characters": "a" * 1600,
        "Zalgo": "a" + "\u0336" * 1000,
        "only marks": "\u0336\u0336\u0336",
        "only joiners": "\u200c\u200d\u200c",
    },
    "email": {
        "header": "a@example.com\nBcc: all@example.com",
        "line separator": "a@example.com\u2028Bcc: b@example.com",
        "two": "a@example.com,b@example.com",
        "quoted": '"a b"@example.com',
        "markup": "<a@example.com>",
        "address of a machine": "a@[127.0.0.1]",
        "dots": "a..b@example.com",
        "homoglyph": "a@ex\u0430mple.com",
        "300 characters": "a" * 300 + "@example.com",
    },
}
OF = {"cnic": 4, "mobile": 4, "name": 15, "email": 16}
WRITTEN = {
    "CNIC in Urdu digits": ("cnic", "۳۵۰۰۰-۷۶۵۴۳۲۱-۳", "typed so on Urdu keyboards; read as the same number"),
    "CNIC in Arabic digits": ("cnic", "٣٥٠٠٠-٧٦٥٤٣٢٢-٣", "typed so on Arabic keyboards; read as the same number"),
    "CNIC in full-width digits": ("cnic", "３５０００７６５４３２５３", "read as the same number"),
    "CNIC in Devanagari digits": ("cnic", "३५०००-७६५४३२६-३\n", "read as the same number"),
    "CNIC with soft hyphens": ("cnic", "35000\u00ad7654327\u00ad3", "unseen marks are taken out of numbers"),
    "mobile from the contacts": ("mobile", "\u2066+92 300 7654327\u2069", "unseen marks are taken out of numbers"),
    "CNIC with en dashes": ("cnic", "35000\u20137654323\u20133", "word processors write so; read as the same number"),
    "mobile with 0092": ("mobile", "00923007654329", "one spelling of the same number"),
    "mobile with 0": ("mobile", "0300-7654328", "one spelling of the same number"),
    "line ends in a name": ("name", "Gul\r\nMeena", "put on one line (unit/identity: spellings)"),
    "line separator in a name": ("name", "Gul\u2028Meena", "put on one line"),
    "soft hyphen in a name": ("name", "Gul Mee\u00adna", "taken out"),
}
ANOTHER = {
    name: {"cnic": f"35000-86543{place}-3", "mobile": f"+923007654{place}1"} for place, name in enumerate(WRITTEN, 10)
}
"""Each has a new person, because registering one person twice in a minute is refused."""
SEARCHES = {
    "(a+)+$": "(a+)+$",
    "many .*": ".*" * 50,
    "backslash at the end": "abc\\",
    "text operators": '-word "quoted" -"x"',
    "long": "a" * 200,
    "brackets": "[[[[((((",
}
DAYS = {
    "30 February": "2026-02-30",
    "29 February of a common year": "2026-02-29",
    "24:00": "2026-11-24T24:00",
    "leap second": "2026-12-31T23:59:60",
    "year -1": "-001-01-01",
    "year 0": "0000-01-01",
    "year 10000": "10000-01-01",
    "seconds": "1764000000",
    "milliseconds": "1764000000000",
    "with offset": "2026-11-24+05:00",
    "a week": "2026-W48-2",
}
EDGES = ("0001-01-01", "9999-12-31", "2028-02-29", "۲۰۲۶-۱۱-۲۴")


def asked(**query: str) -> bytes:
    """A read of the caller's own list."""
    return get(b"/api/v1/requests?" + "&".join(f"{name}={quote(text)}" for name, text in query.items()).encode())


TEXTS: tuple[Row, ...] = (
    *(Row(3, name, post(FILE, described(f"{CANARY}{text}"))) for name, text in HIDDEN.items()),
    *(
        Row(3, f"{name}, escaped", post(FILE, described("@").replace(b"@", f"{CANARY}\\u{ord(text[0]):04x}".encode())))
        for name, text in HIDDEN.items()
    ),
    *(
        Row(3, f"{name} in a name", post(REGISTER, person(name="Gul@Meena").replace(b"@", text.encode())))
        for name, text in HIDDEN.items()
        if "surrogate" not in name
    ),
    *(Row(3, name, post(FILE, described(text))) for name, text in LENGTHS.items()),
    *(Row(3, f"{name} as address", post(FILE, filing(place={"address": text}))) for name, text in LENGTHS.items()),
    *(Row(3, f"{name} as name", post(REGISTER, person(name=text))) for name, text in LENGTHS.items()),
    *(Row(3, name, post(FILE, described(text)), TAKEN, why) for name, (text, why) in KEPT.items()),
    *(
        Row(OF[field], f"{field}: {name}", post(REGISTER, person(**{field: text})))
        for field, cases in FIELDS.items()
        for name, text in cases.items()
    ),
    *(
        Row(OF[field], name, post(REGISTER, person(**{**ANOTHER[name], field: text})), TAKEN, why)
        for name, (field, text, why) in WRITTEN.items()
    ),
    *(Row(9, name, asked(q=text), TAKEN, "words to look for, never a pattern") for name, text in SEARCHES.items()),
    Row(9, "10 KB", asked(q="a" * 10_000)),
    Row(9, "201 characters", asked(q="a" * 201)),
    Row(9, "NUL", asked(q="a\0b"), TAKEN, "words to look for, never a pattern"),
    Row(9, "pattern of a form", post(FILE, filing(answers={"street": "a" * 10_000 + "!"}))),
    *(Row(18, name, asked(**{end: text})) for name, text in DAYS.items() for end in ("from", "to")),
    *(Row(18, f"{end} {text}", asked(**{end: text}), TAKEN, "a day") for text in EDGES for end in ("from", "to")),
)
