"""Who calls, as far as that may be known of somebody who has not signed in."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Caller:
    """`address` is a blind index of where the call came from: tries are counted by it, and it proves nothing."""

    address: str = "-"
