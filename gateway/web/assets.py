"""Static files: read once, named by their content, kept by browsers for a year.

Scripts travel without comments and indentation. All scripts of one page travel as one file, since each request costs
a phone on a slow line a second: `/static/page+live.2f6a0c1b9d.js`.
"""

import gzip
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

FOLDER = Path(__file__).parent / "static"
PREFIX = "/static/"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
KEPT = "public, max-age=31536000, immutable"
SMALLEST = 500
"""Bytes from which on compressing pays."""
NOT_RUN = re.compile(rb"^[ \t]*(?://.*)?\n?", re.M)
"""Of a script: indentation, empty lines, and comments on lines of their own."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file."""

    address: str
    media_type: str
    plain: bytes
    zipped: bytes

    @classmethod
    def of(cls, path: Path) -> "Asset":
        """A file of the folder."""
        content = path.read_bytes()
        return cls.made(path.stem, path.suffix, NOT_RUN.sub(b"", content) if path.suffix == ".js" else content)

    @classmethod
    def made(cls, name: str, suffix: str, content: bytes) -> "Asset":
        """A file of this content, which its address tells."""
        address = f"{PREFIX}{name}.{sha256(content).hexdigest()[:10]}{suffix}"
        return cls(address, TYPES[suffix], content, gzip.compress(content, 9))


class Assets:
    """All static files of the pages."""

    def __init__(self, folder: Path = FOLDER) -> None:
        found = {path.name: Asset.of(path) for path in sorted(folder.iterdir()) if path.suffix in TYPES}
        self._by_name = found
        self._by_address = {asset.address: asset for asset in found.values()}
        self._bundles: dict[tuple[str, ...], Asset] = {}

    def weights(self) -> dict[str, int]:
        """How many bytes of each file travel, by its name."""
        return {name: len(asset.zipped) for name, asset in self._by_name.items()}

    def address(self, name: str) -> str:
        """Where a file is served. Raises KeyError for one that is not there."""
        return self._by_name[name].address

    def scripts(self, names: Sequence[str]) -> str:
        """Where these scripts are served as one file. Raises KeyError for one that is not there."""
        return self._together(tuple(dict.fromkeys(names))).address

    def _together(self, names: tuple[str, ...]) -> Asset:
        """Several scripts as one, each in a block of its own, so that none sees the names of another."""
        known = self._bundles.get(names)
        if known is None:
            content = b"".join(b"{\n%b}\n" % self._by_name[name].plain for name in names)
            known = self._bundles[names] = Asset.made("+".join(Path(name).stem for name in names), ".js", content)
        return known

    def _find(self, address: str) -> Asset | None:
        """The file at an address. Another gateway may have made the address of a bundle, so it is made here too."""
        names = tuple(f"{stem}.js" for stem in address.removeprefix(PREFIX).partition(".")[0].split("+"))
        if address in self._by_address or not set(names) <= self._by_name.keys() or len(set(names)) < len(names):
            return self._by_address.get(address)
        bundle = self._together(names)
        return bundle if bundle.address == address else None

    def answer(self, request: Request) -> Response | None:
        """The file at this address; None where there is none."""
        if not request.url.path.startswith(PREFIX):
            return None
        asset = self._find(request.url.path)
        if asset is None:
            return None
        return packed(request, asset.plain, asset.zipped, {"Content-Type": asset.media_type, "Cache-Control": KEPT})


def packed(request: Request, plain: bytes, zipped: bytes, headers: dict[str, str]) -> Response:
    """A body with an ETag, compressed if the browser accepts that; 304 if the browser has it already."""
    tag = f'"{sha256(plain).hexdigest()[:20]}"'
    headers = {**headers, "ETag": tag, "Vary": "Accept-Encoding"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if takes_gzip(request):
        return Response(zipped, headers={**headers, "Content-Encoding": "gzip"})
    return Response(plain, headers=headers)


def takes_gzip(request: Request) -> bool:
    """Whether the browser takes a compressed answer."""
    return "gzip" in request.headers.get("accept-encoding", "")
