"""The events that a department gets: each has the department's queue (`emit(..., queue=...)`) and a number."""

from shared import events
from shared.events import Event

DEPARTMENT_EVENTS: tuple[type[Event], ...] = (
    events.RequestRouted,
    events.RequestAccepted,
    events.RequestAssigned,
    events.RequestQuestioned,
    events.RequestCitizenReminded,
    events.RequestResumed,
    events.RequestProgressed,
    events.RequestFileAdded,
    events.RequestFileRemoved,
    events.RequestWordsAdded,
    events.RequestContactChanged,
    events.RequestAbsorbed,
    events.RequestPartAsked,
    events.RequestPartChanged,
    events.RequestDueSoon,
    events.RequestDelayed,
    events.RequestOverdue,
    events.RequestEscalated,
    events.RequestTransferred,
    events.RequestResolved,
    events.RequestReopened,
    events.RequestUnderAppeal,
    events.RequestClosed,
    events.RequestGraded,
    events.RequestErased,
    events.DepartmentAccessRenewed,
    events.DepartmentMessagesPutAside,
)
"""In the order of a request's life."""
