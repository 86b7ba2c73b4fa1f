"""Events of the notifier: delivery of one-time codes."""

from typing import Literal

from pydantic import Field

from shared.clock import Moment
from shared.events.contract import Event


class NotificationCodeDelivered(Event):
    """A one-time code was delivered to the mobile or mailbox; the subject is the citizen."""

    type = "notification.code_delivered.v1"
    code_seq: int = Field(description="the seq of the event that issued the code")
    channel: Literal["sms", "email"]
    delivered_at: Moment
