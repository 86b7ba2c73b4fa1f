"""Faults of a stand-in: how often and for which addresses; a seed makes a run repeatable."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatch


class Fault(StrEnum):
    """What a provider may do instead of accepting a message and confirming it."""

    REFUSE = "refuse"
    """Responds that the message will never arrive."""
    ERROR = "error"
    """Responds with an error of its own."""
    BUSY = "busy"
    """Asks for a later attempt."""
    HANG = "hang"
    """Accepts nothing and never responds."""
    SWALLOW = "swallow"
    """Accepts the message and never responds."""
    CUT = "cut"
    """Accepts the message and closes the connection."""
    SLOW = "slow"
    """Accepts the message and confirms it only after some seconds."""


TAKES = (Fault.SWALLOW, Fault.CUT, Fault.SLOW)
"""Faults after which the provider has the message."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A fault, the share of attempts that have it, and a pattern of addresses."""

    fault: Fault
    share: float
    whose: str = "*"

    @classmethod
    def read(cls, text: str) -> "Rule":
        """Parse a rule: `hang`, `error=0.1`, `refuse=1:*@gone.example`. Raises ValueError."""
        name, _, rest = text.partition("=")
        share, _, whose = rest.partition(":")
        return cls(Fault(name), float(share or 1), whose or "*")


def rules_of(text: str) -> list[Rule]:
    """Parse rules that are separated by commas. Raises ValueError."""
    return [Rule.read(each.strip()) for each in text.split(",") if each.strip()]


@dataclass
class Conduct:
    """How a stand-in behaves at present."""

    rules: Sequence[Rule] = ()
    seed: int = 1

    def fault_of(self, address: str, attempt: str) -> Fault | None:
        """The fault of an attempt, if any; the same attempt with the same seed has the same fault."""
        drawn = random.Random(f"{self.seed} {address} {attempt}").random()
        for rule in self.rules:
            if not fnmatch(address, rule.whose):
                continue
            if drawn < rule.share:
                return rule.fault
            drawn -= rule.share
        return None
