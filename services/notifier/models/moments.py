"""What happens together is said together: which message says an earlier one too, as data and pure rules.

Filing a request and giving it to a department take less than a second and are two events of two services. The first
message waits for `GATHERING`; the second, if it comes by then, says both, and the first is cancelled.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.notifier.models.notification import Notification, State


@dataclass(frozen=True, slots=True)
class Together:
    """The template that says two messages in one, and the values of the earlier one that it needs."""

    template: str
    keeps: tuple[str, ...] = ()


ROUTED, ROUTED_QUESTIONED = "request.routed", "request.routed.questioned"
BEFORE_ROUTED: Mapping[str, Together] = {
    "request.submitted.verifying": Together("request.routed.filed"),
    "request.corrected.verifying": Together("request.routed.corrected"),
    "request.overridden": Together("request.routed.overridden", ("reason",)),
    "request.transferred": Together("request.routed.transferred", ("reason",)),
    "request.appeal_filed": Together("request.routed.appeal", ("first",)),
    "request.separated": Together("request.routed.separated"),
    "request.revived": Together("request.routed.revived", ("ended",)),
}
COVERS: Mapping[str, Mapping[str, Together]] = {
    ROUTED: BEFORE_ROUTED,
    ROUTED_QUESTIONED: {"request.transferred": Together("request.routed.questioned.transferred", ("reason",))},
    "request.withdrawn": dict.fromkeys(BEFORE_ROUTED, Together("request.withdrawn")),
}
"""By the later message: the earlier ones that it says too, and with which words."""

EARLIER = frozenset(template for covered in COVERS.values() for template in covered)
"""Messages that wait for a moment, since another one may say them too."""
NEVER_FIRST = frozenset({ROUTED, ROUTED_QUESTIONED})
"""Messages that always follow one of `EARLIER`. Where they overtake it, they wait for it."""
LATER: Mapping[str, str] = {
    **{template: template for template in COVERS},
    **{one.template: later for later, covered in COVERS.items() for one in covered.values()},
}
"""Each template that may have said an earlier message, with the one that it was before it did."""
LOOKED_BACK = 5
"""Events of each service that are looked at for an earlier message: it happened a moment ago."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What a later message finds: earlier ones that it can still say too, and whether any other has been told."""

    covered: tuple[Notification, ...]
    told: bool

    @property
    def is_empty(self) -> bool:
        """Whether no earlier message is recorded yet."""
        return not (self.covered or self.told)


def moment_of(later: Notification, others: Iterable[Notification]) -> Moment:
    """The earlier messages that belong to a later one, out of what is recorded of that request."""
    near = [one for one in others if one.id != later.id and _is_beside(one, later)]
    between = [one for one in near if one.template in LATER and precedes(one, later)]
    earlier = [one for one in near if covers(later, one) and not any(covers(said, one) for said in between)]
    covered = tuple(sorted((one for one in earlier if _can_be_covered(one, later)), key=lambda one: one.created_at))
    return Moment(covered, told=any(one not in covered for one in earlier))


def said_by(earlier: Notification, others: Sequence[Notification]) -> Notification | None:
    """The message among these that says the earlier one too; the first, if there are several."""
    saying = [one for one in others if _is_beside(one, earlier) and _is_said(one) and covers(one, earlier)]
    return min(saying, key=lambda one: one.created_at, default=None)


def covers(later: Notification, earlier: Notification) -> bool:
    """Whether the later message can say the earlier one too."""
    return earlier.template in COVERS.get(LATER.get(later.template, ""), {}) and precedes(earlier, later)


def precedes(earlier: Notification, later: Notification) -> bool:
    """Whether one happened before the other. Of two services, by what the one had heard of the other by then.

    What a department's event answers to is not counted yet in what it says to have heard.
    """
    (source, seq), (its_source, its_seq) = place_of(earlier), place_of(later)
    if source == its_source:
        return seq < its_seq
    return seq <= later.heard + 1 if later.heard is not None else earlier.created_at <= later.created_at


def place_of(notification: Notification) -> tuple[str, int]:
    """Which service said what a message is about, and its place among what that said of the request."""
    source, _, rest = notification.event_id.partition("/")
    return source, int(rest.rpartition("/")[2])


def ids_before(later: Notification) -> list[str]:
    """The ids that an earlier message can have."""
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
    """Whether both go to the same person, about the same request, by the same channel."""
    return (one.citizen_id, one.subject, one.channel) == (other.citizen_id, other.subject, other.channel)


def _can_be_covered(one: Notification, later: Notification) -> bool:
    waits = one.state is State.CREATED and one.event is not None
    return waits or (one.state is State.CANCELLED and one.said_in == later.id)


def _is_said(one: Notification) -> bool:
    """Whether it was told, or will be."""
    return one.state not in (State.EXPIRED, State.CANCELLED, State.NOBODY)
