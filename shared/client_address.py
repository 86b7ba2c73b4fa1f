"""The client's address, for rate limits only (docs/adr/0011).

The gateway passes it on in one header, which it never accepts from outside.
"""

from starlette.requests import Request

CLIENT_ADDRESS = "X-Client-Address"
MAX_LENGTH = 64


def client_address(request: Request) -> str:
    """The client's address as the gateway saw it; without a gateway, the peer's address."""
    forwarded = request.headers.get(CLIENT_ADDRESS)
    if forwarded:
        return forwarded[:MAX_LENGTH]
    return request.client.host if request.client else "-"
