"""What each answer and body about subscriptions holds; `services/routing/examples.yaml` has an example of each."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints
from typing_extensions import TypedDict

from services.routing.feed.schemas import ReplayStart
from services.routing.subscriptions.models.position import GivenUpReason
from services.routing.subscriptions.models.subscription import DeliveryKind, Mode
from shared.clock import TimeText
from shared.jsonbody import Body
from shared.spelling import AS_TEXT

MAX_NUMBER = 10**12
Name = Annotated[str, StringConstraints(min_length=1, max_length=60), AS_TEXT]
Number = Annotated[int, Field(ge=0, le=MAX_NUMBER)]
Lease = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{24}$")]
Numbers = Annotated[list[Number], Field(max_length=1000)]


class FeedMessageBody(TypedDict):
    """A message of the feed: a CloudEvent in structured mode, with its number."""

    specversion: str
    id: str
    """The same each time the message comes."""
    source: str
    type: str
    subject: str
    """The tracking number; the department's code in a message about its access."""
    time: TimeText
    datacontenttype: str
    seq: int
    number: int
    """1, 2, 3… without a gap in each feed."""
    test: bool
    """Invented, for trying."""
    data: dict[str, Any]
    """The body of the event."""


class FeedPage(TypedDict):
    """Messages of a department, in the order of their numbers."""

    messages: list[FeedMessageBody]
    oldest: int
    """The oldest number that is kept; 0 where there is none."""
    newest: int
    """The newest number; 0 where there is none."""


class LeasedMessage(FeedMessageBody):
    """A message that was handed out."""

    tries: int
    """How often it was handed out, this time included."""


class LeasedMessages(TypedDict):
    """Messages that nobody else gets until the lease ends."""

    lease: str
    until: TimeText
    messages: list[LeasedMessage]


class LeaseSettled(TypedDict):
    """What became of an acknowledgement."""

    lost: list[int]
    """Numbers that the lease no longer held; another consumer has them or gets them."""
    acked_up_to: int
    """Every message up to this number is acknowledged or given up."""


class LeaseExtended(TypedDict):
    """A lease that ends later, and the messages that it holds."""

    until: TimeText
    numbers: list[int]


class GivenUpMessage(TypedDict):
    """A message that is not handed out again by itself; a replay brings it back while it is kept."""

    number: int
    why: GivenUpReason
    """Handed out too often without an acknowledgement, or older than 30 days."""
    at: TimeText


class SubscriptionState(TypedDict):
    """A subscription, and how it stands."""

    id: str
    name: str
    kind: DeliveryKind
    mode: Mode
    url: str | None
    created_at: TimeText
    paused_at: TimeText | None
    """When a person paused it."""
    stopped_at: TimeText | None
    """When the portal stopped it, because its address kept failing."""
    old_secret_until: TimeText | None
    """Until when messages are signed with the previous secret too."""
    acked_up_to: int
    newest: int
    waiting: int
    """How many messages are not acknowledged."""
    oldest_waiting_at: TimeText | None
    """Since when the oldest of them waits."""
    leased: int
    returned: int
    given_up: list[GivenUpMessage]
    delivered_at: TimeText | None
    """When the webhook last took a message."""
    failing_since: TimeText | None
    failures: int
    error: str | None
    """The status of its last answer, or `timeout`, `connection`, `tls`, `inside` or `answer`."""
    next_try_at: TimeText | None


class SubscriptionStates(TypedDict):
    """The subscriptions of a department, the oldest first."""

    department: str
    subscriptions: list[SubscriptionState]


class NewSubscriptionState(SubscriptionState):
    """A subscription that was just made, or has a new secret."""

    secret: str | None
    """What verifies the signatures of a webhook; it is shown this once."""


class WebhookTried(TypedDict):
    """What became of a test message."""

    number: int
    """In the feed for tests."""
    taken: bool
    error: str | None
    """The status of the answer, or `timeout`, `connection`, `tls`, `inside` or `answer`."""


class SubscriptionEntry(Body):
    """A new subscription."""

    name: Name
    kind: DeliveryKind
    mode: Mode = Field("production", description="`test`: it gets invented messages only")
    url: Annotated[str, StringConstraints(max_length=500)] | None = Field(
        None, description="of a webhook: where its messages are sent"
    )
    after: Number | None = Field(None, description="its first message follows this number; else the next one to come")


class SecretRotation(Body):
    """How the secret of a webhook is replaced."""

    keep_old_hours: Annotated[int, Field(ge=1, le=168)] | None = Field(
        None, description="for how many hours messages are signed with the old one too; not at all without"
    )


class Replay(ReplayStart):
    """From where the messages come again: after a number, or from a time on."""


class LeaseRequest(Body):
    """How many messages are wanted, and for how long they are held."""

    limit: Annotated[int, Field(ge=1, le=100)] = 10
    seconds: Annotated[int, Field(ge=1, le=3600)] = 60


class Acknowledgement(Body):
    """Messages of a lease that are done; all of them without `numbers`."""

    lease: Lease
    numbers: Numbers | None = None


class Return(Acknowledgement):
    """Messages of a lease that could not be worked on; all of them without `numbers`."""

    pause_seconds: Annotated[int, Field(ge=0, le=86400)] = Field(30, description="after this they are handed out again")


class Extension(Body):
    """A lease that is to end later."""

    lease: Lease
    seconds: Annotated[int, Field(ge=1, le=3600)] = 60
