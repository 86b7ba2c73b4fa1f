"""One-time codes: what became of those that were sent, asking for another, and answering with one."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.responses import Response

from gateway.web.entering import onward
from gateway.web.forms.codes import code_of
from gateway.web.portal import RefusedError, Reply
from gateway.web.refusals import refuse
from gateway.web.visit import Visit

SEND = "send"
"""The button that asks for another code; its value is the channel."""


@dataclass(frozen=True, slots=True)
class CodeState:
    """What a page tells of the codes of one challenge.

    The newest was sent by `channel`; `channels` are those of the next, which may be asked for `wait` seconds from now.
    """

    channel: str
    sent_at: datetime | None
    delivered_at: datetime | None
    channels: tuple[str, ...]
    wait: int
    again_at: datetime
    sms_at: datetime | None

    @classmethod
    def of(cls, told: dict[str, Any], now: datetime) -> "CodeState":
        """What the answer of a service tells, where waiting times are counted from now."""
        newest = (told.get("sends") or [{}])[-1]
        wait, sms_after = told["resend_after"], told.get("sms_after")
        return cls(
            channel=newest.get("channel", told["sent_by"]),
            sent_at=_moment(newest.get("sent_at")),
            delivered_at=_moment(newest.get("delivered_at")),
            channels=tuple(told["channels"]),
            wait=wait,
            again_at=_at(now, wait),
            sms_at=_at(now, sms_after) if sms_after else None,
        )


def _at(now: datetime, seconds: int) -> datetime:
    """So many seconds from now; a clock that shows no seconds must not name a time too early."""
    return now + timedelta(seconds=seconds + 59)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


@dataclass(frozen=True, slots=True)
class CodeWay:
    """The page for a code on one way: what the session keeps by `name`, the challenges of `api`, and where it `began`.

    With `by_email` the code may be asked for by email too.
    """

    name: str
    api: str
    template: str
    path: str
    began: str
    by_email: bool = True

    def pending(self, visit: Visit) -> dict[str, Any] | None:
        """What the session keeps of this way, once a code was asked for."""
        kept: dict[str, Any] = visit.session.steps.get(self.name, {})
        return kept if "challenge" in kept else None

    async def show(self, visit: Visit, status: int = 200) -> Response:
        """The form for the code, with what became of the codes until now."""
        pending = self.pending(visit)
        if pending is None:
            return visit.go(self.began)
        visit.path = self.path
        try:
            reply = await visit.portal.get(f"{self.api}/{pending['challenge']}")
        except RefusedError as refused:
            if refused.status != 404:
                raise
            return self._over(visit, pending)
        state = CodeState.of(reply.data, datetime.now(UTC))
        return visit.page(self.template, status, state=state, pending=pending)

    async def send_again(self, visit: Visit) -> Response:
        """Ask for another code; if it is too early, say from when it is possible."""
        pending = self.pending(visit)
        if pending is None:
            return visit.go(self.began)
        channel = visit.form.value(SEND)
        try:
            body = {"channel": channel} if self.by_email else None
            await visit.portal.post(f"{self.api}/{pending['challenge']}/otp/resend", body)
        except RefusedError as refused:
            refuse(visit, refused)
            return await self.show(visit, refused.status)
        told = {
            "sms": visit.say("A new code is on its way by SMS. Only the newest code works."),
            "email": visit.say("A new code is on its way by email. Only the newest code works."),
        }
        return await onward(visit, self.path, self.show, told["email" if channel == "email" else "sms"])

    async def answer(self, visit: Visit, pending: dict[str, Any], **more: Any) -> Reply:
        """Send the code that was typed. Raises RefusedError, with its words at the form."""
        body = {"code": code_of(visit.form.value("code")), **more}
        try:
            return await visit.portal.post(f"{self.api}/{pending['challenge']}/otp", body)
        except RefusedError as refused:
            if refused.errors:
                visit.form.wrong("code", visit.say("The code has 6 digits. Type them as they stand in the message."))
            refuse(visit, refused, {"otp-failed": "code"})
            raise

    def _over(self, visit: Visit, pending: dict[str, Any]) -> Response:
        del pending["challenge"]
        return visit.go(
            self.began, visit.say("That took too long, and the code has expired. Continue here to get another.")
        )
