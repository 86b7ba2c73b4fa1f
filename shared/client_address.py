"""The client's address, for counting attempts and never for identifying anybody (docs/adr/0011).

The gateway passes it on in one header, which it never accepts from outside.
"""

from starlette.requests import Request

CLIENT_ADDRESS = "X-Client-Address"
MAX_LENGTH = 64


def client_address(request: Request) -> str:
    """The client's address as the gateway saw it; for a caller inside our network, its own."""
    said = request.headers.get(CLIENT_ADDRESS)
    if said:
        return said[:MAX_LENGTH]
    return request.client.host if request.client else "-"
