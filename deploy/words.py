"""`python -m deploy.words`: update the Urdu files of the pages from templates and handlers.

There is one file per room, `gateway/web/locale/ur/ROOM.po`. New texts are added without a translation, unused ones are
removed, and each missing or fuzzy translation is printed; the exit code is 1 while there is one. `--check` writes
nothing.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "gateway" / "web"
LOCALE = WEB / "locale" / "ur"
SHARED = "layout"
"""The room of texts that belong to no other room."""
KEYWORDS = {"_": None, "say": None, "count": (1, 2), "gettext": None, "ngettext": (1, 2)}
OPTIONS = {"extensions": "jinja2.ext.do", "trimmed": "true", "silent": "false", "newstyle_gettext": "true"}
METHODS = {".py": "python", ".html": "jinja2.ext:babel_extract"}
HEADER = "# Urdu of the pages, written and not translated."
VOLATILE = ('"POT-Creation', '"PO-Revision', '"Last-Translator', '"Generated-By', '"Project-Id', '"Report-Msgid')
"""Header lines that change with every run."""
Key = str | tuple[str, ...]


def room_of(path: Path) -> str:
    """The room that a file belongs to."""
    first = path.relative_to(WEB).parts[0]
    return first if (WEB / first / "room.py").exists() else SHARED


def texts() -> Iterator[tuple[str, Key, str]]:
    """Every text of the pages: room, text (or its singular and plural), and file."""
    for path in sorted(WEB.rglob("*")):
        if path.suffix not in METHODS:
            continue
        content = io.BytesIO(path.read_bytes())
        for _line, found, _notes, _context in extract(METHODS[path.suffix], content, KEYWORDS, options=OPTIONS):
            yield room_of(path), found if isinstance(found, str) else tuple(found), str(path.relative_to(WEB))


def wanted() -> dict[str, dict[Key, list[str]]]:
    """The texts of each room with their files. Texts of `layout` are not repeated in other rooms."""
    rooms: dict[str, dict[Key, list[str]]] = {}
    for room, key, place in texts():
        rooms.setdefault(room, {}).setdefault(key, []).append(place)
    shared = rooms.get(SHARED, {})
    return {
        room: {key: places for key, places in found.items() if room == SHARED or key not in shared}
        for room, found in rooms.items()
    }


def read(room: str) -> Catalog:
    """The present translations of a room."""
    path = LOCALE / f"{room}.po"
    if not path.exists():
        return Catalog(locale="ur", charset="utf-8", header_comment=HEADER)
    with path.open("rb") as file:
        return read_po(file, locale="ur")


def renewed(catalogue: Catalog, found: dict[Key, list[str]]) -> Catalog:
    """The translations of these texts, empty if there are none."""
    template = Catalog(locale="ur", charset="utf-8")
    for key, places in found.items():
        template.add(key, locations=[(place, 0) for place in sorted(set(places))])
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue


def missing(catalogue: Catalog) -> list[Message]:
    """Texts without a reliable translation."""
    return [message for message in catalogue if message.id and (not _is_complete(message.string) or message.fuzzy)]


def _is_complete(string: object) -> bool:
    return all(string) if isinstance(string, (tuple, list)) else bool(string)


def written(catalogue: Catalog) -> bytes:
    """The file of a room."""
    content = io.BytesIO()
    write_po(content, catalogue, width=120, omit_header=False, include_lineno=False, sort_output=True)
    lines = content.getvalue().decode().splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(VOLATILE)).encode()


def main() -> int:
    """Update or check all files; returns the exit code."""
    incomplete = 0
    for room, found in sorted(wanted().items()):
        catalogue = renewed(read(room), found)
        path = LOCALE / f"{room}.po"
        content = written(catalogue)
        if "--check" not in sys.argv:
            path.write_bytes(content)
        elif not path.exists() or path.read_bytes() != content:
            incomplete += 1
            print(f"{room}.po is not up to date: python -m deploy.words")
        for message in missing(catalogue):
            incomplete += 1
            print(f"{room}: not in Urdu: {message.id!r}")
    return 1 if incomplete else 0


if __name__ == "__main__":
    sys.exit(main())
