"""Compresses responses for clients that accept it, and answers 304 to clients that have the response already."""

import re
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))")


def accepts_gzip(request: Request) -> bool:
    """Whether the client accepts gzip."""
    return GZIP.search(request.headers.get("accept-encoding", "")) is not None


def cacheable(request: Request, plain: bytes, zipped: bytes, headers: dict[str, str]) -> Response:
    """A response with an ETag, compressed if the client accepts that; 304 if the client has it already."""
    etag = f'"{sha256(plain).hexdigest()[:20]}"'
    headers = {**headers, "ETag": etag, "Vary": "Accept-Encoding"}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if accepts_gzip(request):
        return Response(zipped, headers={**headers, "Content-Encoding": "gzip"})
    return Response(plain, headers=headers)
