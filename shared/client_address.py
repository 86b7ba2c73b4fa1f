"""Where a request came from, for counting tries and never for knowing who somebody is (docs/adr/0011).

The gateway sees the connection's other end and says it inward in one header, which it takes from nobody else.
"""

from starlette.requests import Request

CLIENT_ADDRESS = "X-Client-Address"
MOST = 64


def client_address(request: Request) -> str:
    """The client's address as the gateway saw it; for a caller inside our network, its own."""
    said = request.headers.get(CLIENT_ADDRESS)
    if said:
        return said[:MOST]
    return request.client.host if request.client else "-"
