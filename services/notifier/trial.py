"""`python -m services.notifier.trial --to +923001234567 --to me@example.com` tries each provider of a channel.

It sends with the notifier's own settings, past its queues, and says of each attempt how it ended and what to do.
Exit code 1 when a provider did not take its message.
"""

import argparse
import asyncio
import contextlib
import secrets
import sys
import time
from collections.abc import Callable, MutableMapping, Sequence
from typing import Any

import structlog
from pydantic import ValidationError

from services.notifier.channels.provider import DeliveryResult, OutboundMessage, Provider
from services.notifier.channels.providers import providers_of
from services.notifier.models.message import EMAIL, SMS
from services.notifier.models.notification import DeliveryState
from services.notifier.settings import NotifierSettings
from services.notifier.writing.sms import parts
from shared.addresses import read_email, read_mobile
from shared.settings import faults_of

LANGUAGES = ("en", "ur")
SUBJECTS = {"en": "Test message", "ur": "آزمائشی پیغام"}
WORDS = {
    "en": "Rabta: this is a test message. You do not need to do anything.",
    "ur": "رابطہ: یہ آزمائشی پیغام ہے۔ آپ کو کچھ نہیں کرنا۔",
}
TAKEN = (DeliveryState.SENDING, DeliveryState.DELIVERED)
FIRST = {SMS: "RABTA_SMS_GATEWAY", EMAIL: "RABTA_EMAIL_SERVER"}
ADVICE = {
    DeliveryState.SENDING: "the provider has taken it",
    DeliveryState.DELIVERED: "it has arrived",
    DeliveryState.TEMPORARY_FAILURE: "the provider is away, slow or busy: is its address right, does the firewall let us out?",
    DeliveryState.PERMANENT_FAILURE: "the provider says that it will never arrive there: is the address right and allowed?",
}
MEND = {
    SMS: "check RABTA_{}_URL, _ACCOUNT and _SECRET, and whether the file of _GATEWAY knows what the gateway answers",
    EMAIL: "check user, password and port in RABTA_{}_SERVER, and whether we may send from RABTA_EMAIL_FROM there",
}
"""What to do after a technical failure."""
ASKED_EVERY = 1.0


class LastError:
    """Keeps the kind of the last error that an adapter logged, in place of printing log lines."""

    def __init__(self) -> None:
        self.kind: str | None = None

    def __call__(self, _: Any, __: str, event: MutableMapping[str, Any]) -> str:
        """A processor of structlog."""
        self.kind = event.get("error")
        raise structlog.DropEvent


def message_to(address: str, language: str) -> OutboundMessage:
    """A test message, with a reference of its own."""
    return OutboundMessage(secrets.token_hex(16), address, SUBJECTS[language], WORDS[language], language)


def address_of(text: str) -> tuple[str, str]:
    """Channel and address of what was typed. Raises argparse.ArgumentTypeError."""
    channel = EMAIL if "@" in text else SMS
    address = read_email(text) if channel == EMAIL else read_mobile(text)
    if address is None:
        raise argparse.ArgumentTypeError(f"{text} is neither a mobile of Pakistan nor an email address")
    return channel, address


class Trial:
    """Sends test messages and tells about them; a provider is asked for `wait` seconds what became of one."""

    def __init__(
        self, providers: dict[str, tuple[Provider, ...]], wait: float, say: Callable[[str], object] = print
    ) -> None:
        self._providers = providers
        self._wait = wait
        self._say = say
        self._error = LastError()

    async def run(self, addresses: Sequence[tuple[str, str]], languages: Sequence[str]) -> bool:
        """Whether each provider took each message."""
        structlog.configure(processors=[self._error])
        return all([await self._try_channel(channel, address, languages) for channel, address in addresses])

    async def _try_channel(self, channel: str, address: str, languages: Sequence[str]) -> bool:
        providers = [one for one in self._providers.get(channel, ()) if not one.recording_delivers]
        if not providers:
            self._say(f"{channel}: no provider is set: set {FIRST[channel]} (docs/messages.md)")
        messages = [message_to(address, language) for language in languages]
        return bool(providers) and all([await self._try(one, message) for one in providers for message in messages])

    async def _try(self, provider: Provider, message: OutboundMessage) -> bool:
        begun = time.perf_counter()
        result = await provider.deliver(message)
        self._tell(provider, message, result, time.perf_counter() - begun)
        if result.state is DeliveryState.SENDING:
            await self._follow(provider, message, result)
        return result.state in TAKEN

    def _tell(self, provider: Provider, message: OutboundMessage, result: DeliveryResult, seconds: float) -> None:
        size = f", {parts(message.words)} part(s)" if provider.channel == SMS else ""
        theirs = f", their reference {result.reference}" if result.reference else ""
        self._say(f"{provider.name} ({message.language}{size}): {result.state} after {seconds:.2f} s{theirs}")
        error = f" ({self._error.kind})" if self._error.kind and result.state not in TAKEN else ""
        self._say(f"  {_advice(provider, result.state)}{error}")
        if result.unsure:
            self._say("  no answer came, or none that we understand: it may have been taken all the same")

    async def _follow(self, provider: Provider, message: OutboundMessage, result: DeliveryResult) -> None:
        """Ask what became of it, where the provider can be asked."""
        reference = message.reference if provider.asks_by == "ours" else result.reference
        if provider.asks_by is None or reference is None:
            counted = f'rabta_message_reports_total{{provider="{provider.name}",state="unknown"}}'
            self._say("  it cannot be asked whether the message arrived; if it reports that, the report is counted")
            self._say(f"  at the notifier's /metrics as {counted}")
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._wait):
                while True:
                    said = await provider.ask(reference)
                    if said is not None and said.state is not DeliveryState.SENDING:
                        self._say(f"  asked again: {said.state}")
                        return
                    await asyncio.sleep(ASKED_EVERY)
        self._say(f"  asked again for {self._wait:g} s: the provider does not know yet whether it arrived")


def _advice(provider: Provider, state: DeliveryState) -> str:
    name = provider.name.replace("-", "_").upper()
    return MEND[provider.channel].format(name) if state is DeliveryState.TECHNICAL_FAILURE else ADVICE[state]


async def run(given: argparse.Namespace, settings: NotifierSettings) -> bool:
    """Try what the command line names. Raises ValueError for settings that do not fit together."""
    providers = providers_of(settings)
    try:
        languages = LANGUAGES if given.language == "both" else (given.language,)
        return await Trial(providers, given.wait).run(given.to, languages)
    finally:
        for each in providers.values():
            for provider in each:
                await provider.close()


def main() -> None:
    """Read the command line and the settings, and try."""
    parser = argparse.ArgumentParser(prog="python -m services.notifier.trial", description=__doc__)
    parser.add_argument("--to", type=address_of, action="append", required=True, help="a mobile or an email address")
    parser.add_argument("--language", choices=(*LANGUAGES, "both"), default="both")
    parser.add_argument("--wait", type=float, default=10.0, help="seconds in which to ask what became of it")
    given = parser.parse_args()
    try:
        fine = asyncio.run(run(given, NotifierSettings()))
    except ValidationError as error:
        sys.exit("\n".join(faults_of(error)))
    except ValueError as error:
        sys.exit(str(error))
    sys.exit(0 if fine else 1)


if __name__ == "__main__":
    main()
