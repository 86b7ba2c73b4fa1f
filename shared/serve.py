"""Starting a process: logs, one uvicorn server, and a shutdown that finishes what it has begun."""

from collections.abc import Callable
from typing import Any, TypeVar

import uvicorn

from shared import log
from shared.settings import Settings

GRACE = 6
S = TypeVar("S", bound=Settings)


def serve(service: str, settings: S, build_app: Callable[[S], Any]) -> None:
    """Run `build_app(settings)` until SIGTERM or SIGINT; requests in flight get `GRACE` seconds to end."""
    log.configure(service)
    uvicorn.run(
        build_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE,
        timeout_keep_alive=75,
        backlog=2048,
    )
