"""Sample programs with a connection's own values.

They are copies of those in `examples/`; `tests/unit/gateway/test_samples.py` compares them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

PROGRAMS = Path(__file__).parent / "programs"
LANGUAGES = (("Python", "py"), ("Node", "mjs"))


@dataclass(frozen=True)
class SampleProgram:
    """A program: its language, the lines that set it up, and its text."""

    language: str
    setup: str
    text: str


def samples_of(one: Mapping[str, Any], department: str, portal: str) -> list[SampleProgram]:
    """The samples for a subscription."""
    if one["kind"] == "webhook":
        return samples("webhook", {"RABTA_WEBHOOK_SECRET": "whsec_…"})
    return samples(
        "pull",
        {
            "RABTA_URL": portal,
            "RABTA_CLIENT_ID": f"department.{department}",
            "RABTA_CLIENT_SECRET": "…",
            "RABTA_SUBSCRIPTION": one["id"],
        },
    )


def queue_samples(queue: Mapping[str, Any]) -> list[SampleProgram]:
    """The samples for a queue."""
    address = f"amqps://{queue['user']}:PASSWORD@BROKER/rabta"
    return samples("queue", {"RABTA_AMQP_URL": address, "RABTA_QUEUE": queue["queue"]})


def samples(kind: str, values: Mapping[str, str]) -> list[SampleProgram]:
    """A program in each language with the variables that it reads."""
    setup = "\n".join(f"export {name}={value}" for name, value in values.items())
    return [SampleProgram(language, setup, program(f"{kind}.{suffix}")) for language, suffix in LANGUAGES]


@cache
def program(name: str) -> str:
    """The text of a program."""
    return (PROGRAMS / f"{name}.txt").read_text(encoding="utf-8")
