"""Starting a process: logging, one uvicorn server, and a graceful shutdown."""

import gc
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NoReturn, TypeVar

import structlog
import uvicorn
from pydantic import ValidationError

from shared import log
from shared.header_timeout import HeaderTimeoutProtocol
from shared.settings import Settings, faults_of

GRACE = 6
STARTUP_FAILURE = 3
SWITCH_INTERVAL = 0.0005
S = TypeVar("S", bound=Settings)


def settings_of(service: str, kind: type[S]) -> S:
    """The settings of a process. Raises SystemExit for invalid ones, and logs each fault."""
    log.configure(service)
    try:
        return kind()
    except ValidationError as error:
        refuse(faults_of(error))
    except OSError as error:
        refuse([f"{error.filename}: {error.strerror}"])


def refuse(faults: Sequence[str]) -> NoReturn:
    """Log the faults of the settings, without a traceback, and exit."""
    for fault in faults:
        structlog.get_logger(__name__).error("settings.refused", fault=fault)
    raise SystemExit(STARTUP_FAILURE)


def serve(
    service: str, settings: S, build_app: Callable[[S], Any], *, operators: tuple[str, int] | None = None
) -> None:
    """Run `build_app(settings)` until SIGTERM or SIGINT; open requests get `GRACE` seconds to end.

    `operators` is a second host and port to listen on, for operators; the application sees it in `scope["server"]`.
    """
    log.configure(service)
    structlog.get_logger(__name__).info("process.starting", port=settings.port, env=str(settings.env))
    app = build_app(settings)
    # Imported objects live until the end; scanning them repeatedly would take a tenth of a busy process's time.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    # The driver works in threads: with a busy event loop each of its steps would wait for the default 5 ms.
    sys.setswitchinterval(SWITCH_INTERVAL)
    # uvicorn raises the signal again at its end; without this the exit code would mean "killed".
    signal.signal(signal.SIGTERM, lambda *_: None)
    config = uvicorn.Config(
        app,
        http=HeaderTimeoutProtocol,
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
    sockets = None
    if operators is not None:
        host, port = operators
        sockets = [config.bind_socket(), uvicorn.Config(app, host=host, port=port, log_config=None).bind_socket()]
    server = uvicorn.Server(config)
    with suppress(KeyboardInterrupt):
        server.run(sockets=sockets)
    if not server.started:
        sys.exit(STARTUP_FAILURE)
