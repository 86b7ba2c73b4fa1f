"""What goes wrong at a stand-in: how often, for whom, and by a seed, so that a run can be had again."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatch


class Fault(StrEnum):
    """What a provider may do instead of taking a message and saying so."""

    REFUSE = "refuse"
    """Says that it will never arrive."""
    ERROR = "error"
    """Says that something is wrong with itself."""
    BUSY = "busy"
    """Says: later."""
    HANG = "hang"
    """Takes nothing and never answers."""
    SWALLOW = "swallow"
    """Takes it and never answers."""
    CUT = "cut"
    """Takes it and closes the connection."""
    SLOW = "slow"
    """Takes it, and says so only after some seconds."""


TAKES = (Fault.SWALLOW, Fault.CUT, Fault.SLOW)
"""Faults of a provider that has the message all the same."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A fault, the share of attempts that meet it, and whose (a pattern of addresses)."""

    fault: Fault
    share: float
    whose: str = "*"

    @classmethod
    def read(cls, text: str) -> "Rule":
        """A rule as it is typed: `hang`, `error=0.1`, `refuse=1:*@gone.example`. Raises ValueError."""
        name, _, rest = text.partition("=")
        share, _, whose = rest.partition(":")
        return cls(Fault(name), float(share or 1), whose or "*")


def rules_of(text: str) -> list[Rule]:
    """Rules with commas between them. Raises ValueError."""
    return [Rule.read(each.strip()) for each in text.split(",") if each.strip()]


@dataclass
class Conduct:
    """How a stand-in behaves at present."""

    rules: Sequence[Rule] = ()
    seed: int = 1

    def fault_of(self, address: str, attempt: str) -> Fault | None:
        """What befalls an attempt, the same each time that the same attempt is made with the same seed."""
        drawn = random.Random(f"{self.seed} {address} {attempt}").random()
        for rule in self.rules:
            if not fnmatch(address, rule.whose):
                continue
            if drawn < rule.share:
                return rule.fault
            drawn -= rule.share
        return None
