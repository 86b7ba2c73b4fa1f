"""Combined messages: which message can include an earlier one, as data and pure rules.

Filing and routing happen within a second and are events of two services. The first message waits for
`RABTA_COMBINE_WITHIN`. If the second arrives by then, it includes the first, which is cancelled.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.notifier.models.notification import DeliveryState, Notification


@dataclass(frozen=True, slots=True)
class Combined:
    """The template for both messages, and the values of the earlier one that it needs."""

    template: str
    keeps: tuple[str, ...] = ()


ROUTED, ROUTED_QUESTIONED = "request.routed", "request.routed.questioned"
BEFORE_ROUTED: Mapping[str, Combined] = {
    "request.submitted.verifying": Combined("request.routed.filed"),
    "request.corrected.verifying": Combined("request.routed.corrected"),
    "request.overridden": Combined("request.routed.overridden", ("reason",)),
    "request.transferred": Combined("request.routed.transferred", ("reason",)),
    "request.appeal_filed": Combined("request.routed.appeal", ("first",)),
    "request.separated": Combined("request.routed.separated"),
    "request.revived": Combined("request.routed.revived", ("ended",)),
}
COMBINATIONS: Mapping[str, Mapping[str, Combined]] = {
    ROUTED: BEFORE_ROUTED,
    ROUTED_QUESTIONED: {"request.transferred": Combined("request.routed.questioned.transferred", ("reason",))},
    "request.withdrawn": dict.fromkeys(BEFORE_ROUTED, Combined("request.withdrawn")),
}
"""The earlier messages that each later one can include, and the combined templates."""

EARLIER = frozenset(template for earlier in COMBINATIONS.values() for template in earlier)
"""Messages that wait a little, because another one may include them."""
NEVER_FIRST = frozenset({ROUTED, ROUTED_QUESTIONED})
"""Messages that always follow one of `EARLIER`. If they arrive first, they wait for it."""
LATER: Mapping[str, str] = {
    **{template: template for template in COMBINATIONS},
    **{one.template: later for later, earlier in COMBINATIONS.items() for one in earlier.values()},
}
"""For the template of each later message, combined or not: the template without an earlier message."""
NOT_SENT = (DeliveryState.EXPIRED, DeliveryState.CANCELLED, DeliveryState.NOBODY)
LOOKED_BACK = 5
"""How many preceding events of each service are searched for an earlier message."""


@dataclass(frozen=True, slots=True)
class EarlierMessages:
    """Earlier messages that a later one can still include, and whether any other was already sent."""

    included: tuple[Notification, ...]
    sent: bool

    @property
    def is_empty(self) -> bool:
        """Whether no earlier message is recorded yet."""
        return not (self.included or self.sent)


def earlier_messages(later: Notification, others: Iterable[Notification]) -> EarlierMessages:
    """The earlier messages that belong to a later one, among those about the same request."""
    near = [one for one in others if one.id != later.id and _is_beside(one, later)]
    between = [one for one in near if one.template in LATER and precedes(one, later)]
    earlier = [one for one in near if can_include(later, one) and not any(can_include(other, one) for other in between)]
    included = tuple(sorted((one for one in earlier if _still_waits(one, later)), key=lambda one: one.created_at))
    return EarlierMessages(included, sent=any(one not in included for one in earlier))


def included_by(earlier: Notification, others: Sequence[Notification]) -> Notification | None:
    """The message among these that includes the earlier one; the first, if there are several."""
    saying = [
        one for one in others if _is_beside(one, earlier) and one.state not in NOT_SENT and can_include(one, earlier)
    ]
    return min(saying, key=lambda one: one.created_at, default=None)


def can_include(later: Notification, earlier: Notification) -> bool:
    """Whether the later message can include the earlier one."""
    return earlier.template in COMBINATIONS.get(LATER.get(later.template, ""), {}) and precedes(earlier, later)


def precedes(earlier: Notification, later: Notification) -> bool:
    """Whether one happened before the other. Between two services, `heard` decides.

    `heard` does not yet count the event that a department's event answers, which is therefore the next one.
    """
    (source, seq), (its_source, its_seq) = place_of(earlier), place_of(later)
    if source == its_source:
        return seq < its_seq
    return seq <= later.heard + 1 if later.heard is not None else earlier.created_at <= later.created_at


def place_of(notification: Notification) -> tuple[str, int]:
    """The service that published a message's event, and the event's `seq`."""
    source, _, rest = notification.event_id.partition("/")
    return source, int(rest.rpartition("/")[2])


def ids_before(later: Notification) -> list[str]:
    """The possible ids of an earlier message."""
    source, seq = place_of(later)
    other = LOOKED_BACK if later.heard is None else later.heard + 1
    last = {source: seq - 1, ("requests" if source == "routing" else "routing"): other}
    tail = later.id.partition(":")[2]
    return [
        f"{of}/{later.subject}/{place}:{tail}"
        for of, end in last.items()
        for place in range(max(end - LOOKED_BACK, 0) + 1, end + 1)
    ]


def _is_beside(one: Notification, other: Notification) -> bool:
    """Whether both have the same person, request and channel."""
    return (one.citizen_id, one.subject, one.channel) == (other.citizen_id, other.subject, other.channel)


def _still_waits(one: Notification, later: Notification) -> bool:
    waits = one.state is DeliveryState.CREATED and one.event is not None
    return waits or (one.state is DeliveryState.CANCELLED and one.included_in == later.id)
