"""Events of the notifier: delivery of one-time codes."""

from pydantic import Field

from shared.clock import Moment
from shared.events.contract import Channel, Event


class NotificationCodeDelivered(Event):
    """A one-time code was delivered to the mobile or mailbox; the subject is the citizen."""

    type = "notification.code_delivered.v1"
    code_seq: int = Field(description="the seq of the event that issued the code")
    channel: Channel
    delivered_at: Moment
