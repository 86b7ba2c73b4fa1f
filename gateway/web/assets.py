"""Static files: read once, with a hash of their content in the address, and cached by browsers for a year.

Comments and indentation of scripts are removed. All scripts of one page are bundled, because each request costs a phone
on a slow connection a second: `/static/page+live.2f6a0c1b9d.js`.
"""

import gzip
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from gateway.compression import cacheable

FOLDER = Path(__file__).parent / "static"
PREFIX = "/static/"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
CACHED = "public, max-age=31536000, immutable"
MIN_COMPRESSED = 500
"""Bytes from which on compression pays."""
NOT_RUN = re.compile(rb"^[ \t]*(?://.*)?\n?", re.M)
"""Indentation, empty lines, and comments on lines of their own."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A static file."""

    address: str
    media_type: str
    plain: bytes
    zipped: bytes

    @classmethod
    def of(cls, path: Path) -> "Asset":
        """A file of the folder."""
        content = path.read_bytes()
        return cls.named(path.stem, path.suffix, NOT_RUN.sub(b"", content) if path.suffix == ".js" else content)

    @classmethod
    def named(cls, name: str, suffix: str, content: bytes) -> "Asset":
        """A file with this content; its address contains a hash of it."""
        address = f"{PREFIX}{name}.{sha256(content).hexdigest()[:10]}{suffix}"
        return cls(address, TYPES[suffix], content, gzip.compress(content, 9))


class Assets:
    """All static files of the pages."""

    def __init__(self, folder: Path = FOLDER) -> None:
        found = {path.name: Asset.of(path) for path in sorted(folder.iterdir()) if path.suffix in TYPES}
        self._by_name = found
        self._by_address = {asset.address: asset for asset in found.values()}
        self._bundles: dict[tuple[str, ...], Asset] = {}

    def address(self, name: str) -> str:
        """The address of a file. Raises KeyError if there is none."""
        return self._by_name[name].address

    def scripts(self, names: Sequence[str]) -> str:
        """The address of these scripts in one file. Raises KeyError if there is no such script."""
        return self._bundle(tuple(dict.fromkeys(names))).address

    def _bundle(self, names: tuple[str, ...]) -> Asset:
        """Several scripts in one file, each in a block of its own, so that they share no names."""
        bundle = self._bundles.get(names)
        if bundle is None:
            content = b"".join(b"{\n%b}\n" % self._by_name[name].plain for name in names)
            bundle = self._bundles[names] = Asset.named("+".join(Path(name).stem for name in names), ".js", content)
        return bundle

    def _find(self, address: str) -> Asset | None:
        """The file at an address. A page of another gateway may name a bundle that this one has not built yet."""
        names = tuple(f"{stem}.js" for stem in address.removeprefix(PREFIX).partition(".")[0].split("+"))
        if address in self._by_address or not set(names) <= self._by_name.keys() or len(set(names)) < len(names):
            return self._by_address.get(address)
        bundle = self._bundle(names)
        return bundle if bundle.address == address else None

    def answer(self, request: Request) -> Response | None:
        """The file at this address; None if there is none."""
        if not request.url.path.startswith(PREFIX):
            return None
        asset = self._find(request.url.path)
        if asset is None:
            return None
        headers = {"Content-Type": asset.media_type, "Cache-Control": CACHED}
        return cacheable(request, asset.plain, asset.zipped, headers)
