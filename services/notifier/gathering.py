"""Finds what is to be said together, when messages are recorded and again before they are sent.

A later message cancels the earlier ones that still wait, before it is itself recorded or sent; an earlier one looks for
a later one before it is claimed. So whatever order they come in, and whoever dies between, each is said once.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from services.notifier.models import Notification, State
from services.notifier.models.moments import COVERS, EARLIER, NEVER_FIRST, Moment, ids_before, moment_of, said_by
from services.notifier.store.moments import MomentStore

EMPTY = Moment((), told=False)


class Gathering:
    """Gathers messages that belong to one moment."""

    def __init__(self, moments: MomentStore) -> None:
        self._moments = moments

    async def gather(self, later: Iterable[Notification], new: Sequence[Notification] = ()) -> dict[str, Moment]:
        """The moments of later messages by their ids, the earlier messages in them cancelled.

        `new` are messages that are about to be recorded: an earlier one among them is cancelled as it is.
        """
        asking = [one for one in later if one.template in COVERS]
        if not asking:
            return {}
        moments = await self._look(asking, new)
        waiting = {
            earlier.id: said_in
            for said_in, moment in moments.items()
            for earlier in moment.covered
            if earlier.state is State.CREATED
        }
        fresh = {one.id: one for one in new if one.id in waiting}
        stored = {earlier: said_in for earlier, said_in in waiting.items() if earlier not in fresh}
        if stored and await self._moments.cover(stored) < len(stored):
            moments = await self._look(asking, new)  # some were claimed in between: those are told
        for earlier, said_in in waiting.items():
            if earlier in fresh:
                fresh[earlier].state, fresh[earlier].due_at, fresh[earlier].said_in = State.CANCELLED, None, said_in
        return moments

    async def drop_said(self, due: Sequence[Notification]) -> list[Notification]:
        """Those of the due messages that are still to be said; cancelled are those that a later one says."""
        asking = [one for one in due if one.template in EARLIER and one.state is State.CREATED and one.event]
        if not asking:
            return list(due)
        later = _by_subject(await self._moments.later({one.subject for one in asking}))
        said_in = {one.id: said.id for one in asking if (said := said_by(one, later[one.subject]))}
        if said_in:
            await self._moments.cover(said_in)
        return [one for one in due if one.id not in said_in]

    async def _look(self, later: Sequence[Notification], new: Sequence[Notification]) -> dict[str, Moment]:
        stored = {one.id: one for one in await self._moments.find({id_ for one in later for id_ in ids_before(one)})}
        known = _by_subject([*stored.values(), *(one for one in new if one.id not in stored)])
        return {one.id: moment_of(one, known[one.subject]) for one in later}


def waits_for_another(notification: Notification, moment: Moment) -> bool:
    """Whether a later message has overtaken the earlier one that it always follows."""
    return moment.is_empty and notification.template in NEVER_FIRST


def _by_subject(notifications: Iterable[Notification]) -> Mapping[str, list[Notification]]:
    found: dict[str, list[Notification]] = defaultdict(list)
    for one in notifications:
        found[one.subject].append(one)
    return found
