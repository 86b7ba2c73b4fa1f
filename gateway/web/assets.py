"""Static files: read once, named by their content, kept by browsers for a year.

Scripts travel without their comments and indentation, which only who reads the source needs.
"""

import gzip
import re
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
        """A file of the folder; its address tells its content."""
        content = path.read_bytes()
        if path.suffix == ".js":
            content = NOT_RUN.sub(b"", content)
        digest = sha256(content).hexdigest()[:10]
        address = f"{PREFIX}{path.stem}.{digest}{path.suffix}"
        return cls(address, TYPES[path.suffix], content, gzip.compress(content, 9))


class Assets:
    """All static files of the pages."""

    def __init__(self, folder: Path = FOLDER) -> None:
        found = {path.name: Asset.of(path) for path in sorted(folder.iterdir()) if path.suffix in TYPES}
        self._by_name = found
        self._by_address = {asset.address: asset for asset in found.values()}

    def weights(self) -> dict[str, int]:
        """How many bytes of each file travel, by its name."""
        return {name: len(asset.zipped) for name, asset in self._by_name.items()}

    def address(self, name: str) -> str:
        """Where a file is served. Raises KeyError for one that is not there."""
        return self._by_name[name].address

    def answer(self, request: Request) -> Response | None:
        """The file at this address; None where there is none."""
        asset = self._by_address.get(request.url.path)
        if asset is None:
            return None
        return packed(request, asset.plain, asset.zipped, {"Content-Type": asset.media_type, "Cache-Control": KEPT})


def packed(request: Request, plain: bytes, zipped: bytes, headers: dict[str, str]) -> Response:
    """A body, compressed for who takes that, with an ETag; 304 where the browser has it."""
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
