"""A stand-in SMS gateway in a separate process: `python -m tools.gateways.sms --rate 20 --faults error=0.1`.

It speaks Twilio's Messages API (RABTA_SMS_GATEWAY=twilio, RABTA_SMS_URL=http://127.0.0.1:9011) and takes forms (form,
http://127.0.0.1:9011/send). What it has accepted is at /control and /control/messages.
"""

import argparse
import asyncio
import math
import re
import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
from aiohttp import web

from tools.gateways.control import add_control, serve
from tools.gateways.faults import TAKES, Conduct, Fault, rules_of
from tools.gateways.ledger import Ledger, Taken
from tools.gateways.rate import Rate
from tools.gateways.receipts import Receipts, manners_of

NUMBER = re.compile(r"\+?[0-9]{8,15}")
TWILIO = "/2010-04-01/Accounts/{account}/Messages"


class Gateway:
    """Both interfaces on one ledger."""

    def __init__(self, given: argparse.Namespace) -> None:
        self.ledger = Ledger()
        self.conduct = Conduct(rules_of(given.faults), given.seed)
        self.rate = Rate(given.rate)
        self.slow: float = given.slow
        self.receipts = Receipts(given.account, given.secret, manners_of(given.receipts), given.late, given.seed)
        self.receipts.note = lambda what: self.ledger.asked.update([what])
        self.callback: str = given.callback
        self.inbound_url: str = given.inbound
        self.sender = "Rabta"

    def app(self) -> web.Application:
        """The routes."""
        app = web.Application()
        app.router.add_post(f"{TWILIO}.json", self.twilio)
        app.router.add_get(f"{TWILIO}/{{sid}}.json", self.twilio_one)
        app.router.add_get(f"{TWILIO}.json", self.twilio_list)
        app.router.add_post("/send", self.form)
        app.router.add_get("/status", self.form_status)
        app.router.add_post("/control/inbound", self.send_inbound)
        app.router.add_post("/control/receipts", self.release)
        add_control(app, self.ledger, self.conduct, self.tell)
        app.on_shutdown.append(self._end)
        return app

    async def _end(self, _: web.Application) -> None:
        await self.receipts.close()

    def tell(self, told: dict[str, Any]) -> None:
        """Change the options of this stand-in while it runs."""
        if "rate" in told:
            self.rate = Rate(told.pop("rate"))
        if "receipts" in told:
            self.receipts.manners = manners_of(told.pop("receipts"))
        self.callback = told.pop("callback", self.callback)
        self.inbound_url = told.pop("inbound", self.inbound_url)
        self.slow = told.pop("slow", self.slow)
        self.receipts.late = told.pop("late", self.receipts.late)
        if told:
            raise ValueError(f"unknown: {', '.join(told)}")

    async def twilio(self, request: web.Request) -> web.StreamResponse:
        """Accept a message by Twilio's API."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        if not self._knows(request, request.match_info["account"]):
            return _problem(401, 20003, "Authenticate")
        if not NUMBER.fullmatch(form.get("To", "")) or not form.get("Body"):
            return _problem(400, 21211, "The 'To' number is not a valid phone number.")
        callback = form.get("StatusCallback", "")
        message = Taken(
            f"SM{secrets.token_hex(16)}", _reference_in(callback), form["To"], form["Body"], form.get("From", "")
        )
        if (wait := self.rate.wait()) > 0:
            self.ledger.asked["rate"] += 1
            return _problem(429, 20429, "Too Many Requests", wait)
        fault = await self._meet(request, message, callback)
        if fault is Fault.REFUSE:
            return _problem(400, 21211, "The 'To' number is not a valid phone number.")
        if fault is Fault.BUSY:
            return _problem(429, 20429, "Too Many Requests", 1)
        if fault is Fault.ERROR:
            return web.Response(status=500, text="Internal error")
        return web.json_response(_as_twilio(message), status=201)

    async def twilio_one(self, request: web.Request) -> web.Response:
        """The state of a message."""
        found = self.ledger.find(request.match_info["sid"])
        return web.json_response(_as_twilio(found)) if found else _problem(404, 20404, "Not found")

    async def twilio_list(self, request: web.Request) -> web.Response:
        """The newest messages, or those to one number."""
        found = list(self.ledger.select(request.query.get("To")))[::-1][: int(request.query.get("PageSize", "50"))]
        return web.json_response({"messages": [_as_twilio(message) for message in found]})

    async def form(self, request: web.Request) -> web.StreamResponse:
        """Accept a message by a form-based API."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        if self.receipts.secret and form.get("password") != self.receipts.secret:
            return web.Response(text="Error: wrong password")
        if not NUMBER.fullmatch(form.get("to", "")):
            return web.Response(text="Error: Invalid number")
        message = Taken(
            str(secrets.randbelow(10**12)), form.get("ref", ""), f"+{form['to'].lstrip('+')}", form.get("message", "")
        )
        if (wait := self.rate.wait()) > 0:
            self.ledger.asked["rate"] += 1
            return web.Response(status=429, text="Error: too fast", headers={"Retry-After": str(math.ceil(wait))})
        fault = await self._meet(request, message, form.get("callback", ""))
        if fault is Fault.REFUSE:
            return web.Response(text="Error: Invalid number")
        if fault in (Fault.BUSY, Fault.ERROR):
            return web.Response(status=500 if fault is Fault.ERROR else 429, text="Error: try later")
        return web.Response(text=f"OK: {message.id}")

    async def form_status(self, request: web.Request) -> web.Response:
        """The state of a message, by the sender's reference or by our id."""
        if self.conduct.fault_of("", f"status {request.query_string}") is Fault.HANG:
            await asyncio.Event().wait()
        found = self.ledger.find(request.query.get("ref", "")) or self.ledger.find(request.query.get("id", ""))
        return web.Response(text=f"{found.state.upper()}: {found.id}" if found else "UNKNOWN")

    async def send_inbound(self, request: web.Request) -> web.Response:
        """Send an inbound SMS to the portal: `{"from": ..., "words": ...}`."""
        told = await request.json()
        to, url = told.get("to", self.sender), told.get("url", self.inbound_url)
        status = await self.receipts.inbound(told["from"], to, told["words"], url, told.get("id"))
        return web.json_response({"status": status})

    async def release(self, _: web.Request) -> web.Response:
        """Send late receipts now."""
        self.receipts.release()
        return web.json_response({})

    async def _meet(self, request: web.Request, message: Taken, callback: str) -> Fault | None:
        """The fault of this attempt. For a fault that never responds, wait here until the client disconnects."""
        fault = self.conduct.fault_of(message.to, self.ledger.attempt(message.to, message.words))
        self.ledger.asked[fault or "taken"] += 1
        if fault is None or fault in TAKES:
            self.ledger.take(message)
            if url := callback or self.callback:
                self.receipts.promise(message, url)
        if fault is Fault.SLOW:
            await asyncio.sleep(self.slow)
        if fault in (Fault.HANG, Fault.SWALLOW):
            await asyncio.Event().wait()
        if fault is Fault.CUT and request.transport is not None:
            request.transport.abort()
        return fault

    def _knows(self, request: web.Request, account: str) -> bool:
        """Whether the credentials are right; True if none are required."""
        right = aiohttp.encode_basic_auth(self.receipts.account, self.receipts.secret)
        known = account == self.receipts.account and request.headers.get("Authorization") == right
        return known or not self.receipts.secret


def _reference_in(callback: str) -> str:
    """The sender's reference for a message, if the address for receipts contains one."""
    return parse_qs(urlsplit(callback).query).get("reference", [""])[0]


def _as_twilio(message: Taken) -> dict[str, Any]:
    return {"sid": message.id, "status": message.state, "to": message.to, "from": message.sender, "body": message.words}


def _problem(status: int, code: int, words: str, wait: float = 0) -> web.Response:
    headers = {"Retry-After": str(math.ceil(wait))} if wait else None
    return web.json_response({"code": code, "message": words, "status": status}, status=status, headers=headers)


def read_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.gateways.sms", description=__doc__)
    parser.add_argument("--port", type=int, default=9011)
    parser.add_argument("--rate", type=float, help="messages a second; beyond that it answers 429")
    parser.add_argument("--faults", default="", help="such as hang=0.02,error=0.1,refuse=1:*000; see faults.py")
    parser.add_argument("--slow", type=float, default=5.0, help="seconds that a slow answer takes")
    parser.add_argument(
        "--receipts", default="once", help="once, twice, late, out-of-order, never, failed; with shares"
    )
    parser.add_argument("--late", type=float, default=30.0, help="seconds until a late receipt")
    parser.add_argument("--callback", default="", help="where receipts go when a message names no address for them")
    parser.add_argument("--inbound", default="", help="where messages go that people send")
    parser.add_argument("--account", default="AC1")
    parser.add_argument("--secret", default="", help="asked for, and signs what is sent; none: everybody may send")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    given = read_arguments()
    serve(Gateway(given).app(), given.port)
