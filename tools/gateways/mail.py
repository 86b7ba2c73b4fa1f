"""A stand-in mail server in a separate process: `python -m tools.gateways.mail --faults refuse=1:gone@*`.

For RABTA_EMAIL_SERVER=smtp://127.0.0.1:9025?tls=never. What it has accepted is at http://127.0.0.1:9026/control and
/control/messages.
"""

import argparse
import asyncio
import email
import email.policy
from typing import Any, cast

from aiohttp import web
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tools.gateways.control import add_control, serve
from tools.gateways.faults import Conduct, Fault, rules_of
from tools.gateways.ledger import Ledger, Taken

SHOWN = ("From", "Message-ID", "Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post", "Content-Language")
AT_RECIPIENT = {
    Fault.REFUSE: "550 5.1.1 No such mailbox here",
    Fault.ERROR: "451 4.3.0 Something is wrong with us",
    Fault.BUSY: "450 4.7.1 Too many messages, come back later",
}


class MailServer:
    """A handler for aiosmtpd that keeps the emails."""

    def __init__(self, given: argparse.Namespace) -> None:
        self.ledger = Ledger()
        self.conduct = Conduct(rules_of(given.faults), given.seed)
        self.slow: float = given.slow
        self.port: int = given.port
        self.user, self.password = given.user, given.password

    def app(self) -> web.Application:
        """The control's routes; the mail server starts and ends with them."""
        app = web.Application()
        add_control(app, self.ledger, self.conduct, self.tell)
        app.cleanup_ctx.append(self._listening)
        return app

    def tell(self, told: dict[str, Any]) -> None:
        """Change the options of this stand-in while it runs."""
        self.slow = told.pop("slow", self.slow)
        if told:
            raise ValueError(f"unknown: {', '.join(told)}")

    async def handle_RCPT(  # noqa: N802  (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept or refuse a recipient."""
        fault = self.conduct.fault_of(address, self.ledger.attempt(address, ""))
        if fault in AT_RECIPIENT:
            self.ledger.asked[fault] += 1
            return AT_RECIPIENT[fault]
        if fault is Fault.HANG:
            self.ledger.asked[fault] += 1
            await asyncio.Event().wait()
        session.met = fault  # type: ignore[attr-defined]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep an email, or commit a fault."""
        fault: Fault | None = session.met  # type: ignore[attr-defined]
        self.ledger.asked[fault or "taken"] += 1
        for address in envelope.rcpt_tos:
            self.ledger.take(taken_of(cast(bytes, envelope.content), address))
        if fault is Fault.SLOW:
            await asyncio.sleep(self.slow)
        if fault is Fault.SWALLOW:
            await asyncio.Event().wait()
        if fault is Fault.CUT and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return "250 2.0.0 Taken"

    def knows(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        """Whether user and password are right."""
        right = isinstance(data, LoginPassword) and data == LoginPassword(self.user.encode(), self.password.encode())
        return AuthResult(success=right, handled=False)

    async def _listening(self, _: web.Application) -> Any:
        def new() -> SMTP:
            return SMTP(
                self,
                hostname="mail.stand-in.example",
                authenticator=self.knows if self.user else None,
                auth_required=bool(self.user),
                auth_require_tls=False,
                enable_SMTPUTF8=True,
            )

        server = await asyncio.get_running_loop().create_server(new, "127.0.0.1", self.port)
        yield
        server.close()


def taken_of(content: bytes, address: str) -> Taken:
    """A message as the ledger keeps it: its plain text, and the headers that matter."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    text = message.get_body(("plain",))
    name = str(message["Message-ID"] or "").strip("<> \r\n")
    return Taken(
        id=name,
        reference=name.partition("@")[0],
        to=address,
        words=text.get_content().strip() if text is not None else "",
        sender=str(message["From"] or ""),
        subject=str(message["Subject"] or ""),
        whole=content.decode("utf-8", "replace"),
        headers={header: str(message[header]) for header in SHOWN if message[header]},
    )


def read_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.gateways.mail", description=__doc__)
    parser.add_argument("--port", type=int, default=9025)
    parser.add_argument("--control-port", type=int, default=9026)
    parser.add_argument("--faults", default="", help="such as refuse=1:gone@*,error=0.1; see faults.py")
    parser.add_argument("--slow", type=float, default=5.0, help="seconds that a slow answer takes")
    parser.add_argument("--user", default="", help="who may send; none: everybody")
    parser.add_argument("--password", default="")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    given = read_arguments()
    serve(MailServer(given).app(), given.control_port)
