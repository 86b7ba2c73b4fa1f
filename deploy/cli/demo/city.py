"""Maps a city's departments and types to departments and services, and a row to a complaint and its reply."""

import re
import zlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from deploy.cli.demo.rows import CityMapping, CodedName, Row
from deploy.cli.people import DemoCitizen

POOL_FROM, POOL = 101, 20
MAX_DEPARTMENT_CODE, MAX_SERVICE_CODE = 40, 60
MIN_TEXT, MAX_TEXT, MAX_NAME = 10, 2000, 120
UNSAFE = re.compile(r"[^a-z0-9]+")


def slug(*parts: str, longest: int) -> str:
    """A code of lower-case letters, digits and hyphens; lost characters are replaced by a checksum."""
    text = " ".join(parts)
    code = UNSAFE.sub("-", text.lower()).strip("-")
    if len(code) > longest or not text.isascii():
        mark = f"{zlib.crc32(text.encode()):08x}"
        code = f"{code[: longest - 9].strip('-')}-{mark}".strip("-")
    return code


class City:
    """A city, from a mapping and the rows of a file."""

    def __init__(self, mapping: CityMapping, rows: Iterable[Row]) -> None:
        self.mapping = mapping
        self.city = mapping.city
        self._named: dict[str, CodedName] = {}
        for row in sorted(rows, key=lambda row: row.department):
            named = mapping.departments.get(row.department) or _unknown(row)
            self._named[row.department] = named
        self._codes = {
            name: slug(self.city.code, named.code, longest=MAX_DEPARTMENT_CODE) for name, named in self._named.items()
        }
        self.departments = sorted(self._codes.values())

    def department(self, row: Row) -> str:
        """The code of a row's department."""
        return self._codes[row.department]

    def service(self, row: Row) -> str:
        """The code of a row's service."""
        return slug(self.city.code, row.type, longest=MAX_SERVICE_CODE)

    def department_entries(self) -> list[dict[str, Any]]:
        """The departments of the rows, as bodies for the admin API."""
        return [_department(self._codes[name], named, self.city) for name, named in self._named.items()]

    def service_entries(self, rows: Iterable[Row]) -> list[dict[str, Any]]:
        """A catalogue entry for each type; the office is a closed answer that the routing rules use."""
        types = {self.service(row): row for row in rows}
        return [
            service_entry(code, row.type[:MAX_NAME], row.category, self.city, self.departments)
            for code, row in sorted(types.items())
        ]

    def filing(self, row: Row) -> dict[str, Any]:
        """The row as a complaint."""
        place: dict[str, Any] = {"district": self.city.code}
        if row.address:
            place["address"] = row.address
        if row.pin:
            place["latitude"], place["longitude"] = row.pin
        answers = {
            "office": self.department(row),
            "reference": row.id,
            "opened": _date_text(row.opened),
            "description": _description(row, self.city),
        }
        return {"service": self.service(row), "place": place, "answers": answers}

    def reply(self, row: Row) -> dict[str, str]:
        """The city's reply with its dates, completed if it is nearly empty, and the outcome that it states."""
        words = row.words
        if len(words) < MIN_TEXT:
            words = f"{words.rstrip('.') or 'Closed'}. The city closed it without further words."
        dates = f"opened {_date_text(row.opened)}" + (f", closed {_date_text(row.closed)}" if row.closed else "")
        refused = any(words.casefold() in row.words.casefold() for words in self.mapping.not_granted)
        outcome = {"outcome": "not_granted", "reason": "other"} if refused else {"outcome": "granted"}
        return outcome | {"reply": f"{words} ({self.city.en}: {dates})"}

    def citizen(self, row: Row) -> DemoCitizen:
        """The citizen who files a row, always the same one of the pool."""
        return DemoCitizen(POOL_FROM + zlib.crc32(row.id.encode()) % POOL)


def _unknown(row: Row) -> CodedName:
    name = row.department_name[:MAX_NAME]
    return CodedName(code=slug("d", row.department, longest=28), en=name, ur=f"محکمہ {name}")


def service_entry(code: str, kind: str, category: str, city: CodedName, offices: list[str]) -> dict[str, Any]:
    """A catalogue entry for a type of complaint of a city."""
    because = {"en": f"{city.en} gave it to this office.", "ur": f"{city.ur} نے یہ اسی دفتر کو دی۔"}
    rules: list[dict[str, Any]] = [{"when": {"office": [o]}, "to": o, "because": because} for o in offices[1:]]
    return {
        "code": code,
        "kind": "complaint",
        "category": slug(category, longest=MAX_SERVICE_CODE) if len(category) > 2 else "city",
        "name": {"en": f"{kind} ({city.en})", "ur": f"{city.ur}: {kind} کی شکایت"},
        "summary": {
            "en": f"Tell the city of {city.en} about: {kind}.",
            "ur": f"{city.ur} کی انتظامیہ کو {kind} کے بارے میں بتائیں۔",
        },
        "charter": {
            "who": {"en": "Anyone in the city.", "ur": "شہر میں موجود ہر شخص۔"},
            "documents": [],
            "fee": {"amount": 0, "note": {"en": "Making a complaint is free.", "ur": "شکایت درج کرانا مفت ہے۔"}},
            "officer": {"en": "Duty officer", "ur": "ڈیوٹی افسر"},
            "appellate_authority": {"en": "Office of the mayor", "ur": "دفترِ میئر"},
            "source": f"Types and offices: open data of {city.en} 311; times are an assumption of this demo",
        },
        "due": {"days": 10, "calendar": "working"},
        "respond": {"hours": 24, "calendar": "elapsed"},
        "districts": [city.code],
        "department": [*rules, {"to": offices[0], "because": because}],
        "form": _form(offices),
    }


def _form(offices: list[str]) -> dict[str, Any]:
    def text(en: str, ur: str, least: int, most: int) -> dict[str, Any]:
        return {"type": "string", "minLength": least, "maxLength": most, "x-title": {"en": en, "ur": ur}}

    office = {"type": "string", "enum": offices, "x-routing": True, "x-title": {"en": "Office", "ur": "دفتر"}}
    properties = {
        "office": office,
        "reference": text("The city's own number", "شہر کا حوالہ نمبر", 1, 60),
        "opened": text("When the city opened it", "شہر نے کب درج کی", 10, 16),
        "description": text("What happened", "کیا ہوا", MIN_TEXT, MAX_TEXT),
    }
    return {"type": "object", "additionalProperties": False, "required": list(properties), "properties": properties}


def _department(code: str, named: CodedName, city: CodedName) -> dict[str, Any]:
    return {
        "code": code,
        "name": {"en": f"{named.en} ({city.en})", "ur": f"{named.ur} ({city.ur})"},
        "head": {"en": f"Head, {named.en}", "ur": f"سربراہ، {named.ur}"},
        "appellate_authority": {"en": f"Mayor of {city.en}", "ur": f"میئر، {city.ur}"},
    }


def _description(row: Row, city: CodedName) -> str:
    text = ", ".join(dict.fromkeys([row.type, *row.details]))[:MAX_TEXT]
    return text if len(text) >= MIN_TEXT else f"{text}, reported to the city of {city.en}"


def _date_text(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
