"""What the notifier says: what became of codes that it was to deliver."""

from typing import Literal

from pydantic import Field

from shared.clock import Moment
from shared.events.contract import Event


class NotificationCodeDelivered(Event):
    """A one-time code reached its handset or mailbox; the subject is the citizen."""

    type = "notification.code_delivered.v1"
    source = "notifier"
    code_seq: int = Field(description="the seq of the event that the code was issued by")
    channel: Literal["sms", "email"]
    delivered_at: Moment
