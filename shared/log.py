"""Structured logs: an event name with fields, JSON lines in production, coloured on a terminal."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

# A last defence; the rule is not to log values at all.
PERSONAL = re.compile(r"(?<![0-9A-Za-z])(?:[0-9]{5}-?[0-9]{7}-?[0-9]|(?:\+92|0092|0)3[0-9]{2}[- ]?[0-9]{7})(?![0-9])")


def redact(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace everything that looks like a CNIC or a mobile number in the texts of a log entry."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = PERSONAL.sub("[redacted]", value)
    return event


def configure(service: str) -> None:
    """Set up structlog and the standard library's logging for one process."""
    renderer: Any = structlog.dev.ConsoleRenderer() if sys.stdout.isatty() else structlog.processors.JSONRenderer()
    chain: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    structlog.configure(
        processors=[*chain, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=chain, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    # These libraries log a lost connection once per channel; our own code logs it once.
    for noisy in ("aiormq", "aio_pika", "pymongo"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    structlog.contextvars.bind_contextvars(service=service)
