"""Pages for one-time codes: entering a code, asking for another, and what became of the codes that were sent."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.responses import Response

from gateway.web.authentication import go_or_show
from gateway.web.citizen.room import room
from gateway.web.portal import RefusedError, Reply, not_found, or_else
from gateway.web.visit import Visit

SEND = "send"
"""The button that asks for another code; its value is the channel."""


def state_of(challenge: dict[str, Any], now: datetime) -> dict[str, Any]:
    """A challenge as the API describes it with its newest code, and the times from which on another may be sent."""
    nothing_sent = {"channel": challenge["sent_by"], "sent_at": None, "delivered_at": None}
    sms_after = challenge.get("sms_after")
    return {
        **challenge,
        **nothing_sent,
        **(challenge.get("sends") or [{}])[-1],
        "again_at": _at(now, challenge["resend_after"]),
        "sms_at": _at(now, sms_after) if sms_after else None,
    }


def _at(now: datetime, seconds: int) -> datetime:
    """So many seconds from now, rounded up to a minute, because pages show no seconds."""
    return now + timedelta(seconds=seconds + 59)


CodeHandler = Callable[[Visit, dict[str, Any], Reply], Awaitable[Response]]
"""Handles a correct code, with what the session keeps of the flow, and the reply of the service."""


@dataclass(frozen=True, slots=True)
class CodePage:
    """The page for the code of one flow, such as signing in.

    `name` is the flow's name in the session, `api` the address of its challenges, and `start` the flow's first page.
    With `by_email` the code may also be sent by email; `boxes` are checkboxes that are sent with the code.
    """

    name: str
    api: str
    template: str
    path: str
    start: str
    by_email: bool = True
    boxes: tuple[str, ...] = ()

    def accepts(self, **options: Any) -> Callable[[CodeHandler], CodeHandler]:
        """Add the page to the room; the decorated function handles a correct code."""

        def add(accepted: CodeHandler) -> CodeHandler:
            async def enter(visit: Visit) -> Response:
                pending = self.pending(visit)
                if pending is None or visit.form.has(SEND):
                    return await self.send_again(visit)
                try:
                    body = {"code": visit.form.code(), **{name: visit.form.has(name) for name in self.boxes}}
                    reply = await visit.portal.post(f"{self.api}/{pending['challenge']}/otp", body)
                except RefusedError as refused:
                    return await self._refused(visit, refused)
                return await accepted(visit, pending, reply)

            room.get(self.path, **options)(self.show)
            room.post(self.path, **options)(enter)
            return accepted

        return add

    def pending(self, visit: Visit) -> dict[str, Any] | None:
        """What the session keeps of the flow, once a code was sent."""
        kept: dict[str, Any] = visit.session.steps.get(self.name, {})
        return kept if "challenge" in kept else None

    async def show(self, visit: Visit) -> Response:
        """The form for the code, with what became of the codes so far. Raises RefusedError."""
        pending = self.pending(visit)
        if pending is None:
            return visit.go(self.start)
        visit.path = self.path
        challenge = await or_else(None, visit.portal.read(f"{self.api}/{pending['challenge']}"), not_found)
        if challenge is None:
            del pending["challenge"]
            note = visit.say("That took too long, and the code has expired. Continue here to get another.")
            return visit.go(self.start, note)
        state = state_of(challenge, datetime.now(UTC))
        return visit.page(self.template, state=state, pending=pending)

    async def send_again(self, visit: Visit) -> Response:
        """Ask for another code, or show when that will be possible. Raises RefusedError."""
        pending = self.pending(visit)
        if pending is None:
            return visit.go(self.start)
        channel = visit.form.value(SEND)
        try:
            body = {"channel": channel} if self.by_email else None
            await visit.portal.post(f"{self.api}/{pending['challenge']}/otp/resend", body)
        except RefusedError as refused:
            visit.form.refuse(refused)
            return await self.show(visit)
        if channel == "email":
            note = visit.say("A new code is on its way by email. Only the newest code works.")
        else:
            note = visit.say("A new code is on its way by SMS. Only the newest code works.")
        return await go_or_show(visit, self.path, self.show, note)

    async def _refused(self, visit: Visit, refused: RefusedError) -> Response:
        """Show why the code was refused. Raises RefusedError."""
        if refused.errors:
            words = visit.say("The code has 6 digits. Type them as you see them in the message.")
            visit.form.add_error("code", words)
        visit.form.refuse(refused, {"otp-failed": "code"})
        return await self.show(visit)
