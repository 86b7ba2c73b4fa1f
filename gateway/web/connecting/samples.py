"""The programs of `examples/`, with the values that a connection has."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parents[3] / "examples"
LANGUAGES = {"Python": "python/{}.py", "Node": "node/{}.mjs"}
"""The files of the programs in `examples/`."""


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
    return samples("queue_reader", {"RABTA_AMQP_URL": address, "RABTA_QUEUE": queue["queue"]})


def samples(name: str, values: Mapping[str, str]) -> list[SampleProgram]:
    """A program in each language with the variables that it reads."""
    setup = "\n".join(f"export {name}={value}" for name, value in values.items())
    return [SampleProgram(language, setup, program(path.format(name))) for language, path in LANGUAGES.items()]


@cache
def program(path: str) -> str:
    """The text of a program."""
    return (EXAMPLES / path).read_text(encoding="utf-8")
