"""A report that came before our own note of the message that it is about."""

from dataclasses import dataclass

from services.notifier.models.notification import State


@dataclass(frozen=True, slots=True)
class Early:
    """What `provider` said of the message that it calls `theirs`."""

    provider: str
    theirs: str
    state: State
    bad_address: bool
