"""`python -m services.notifier.trial --to +923001234567 --to me@example.com` tries each provider of a channel.

It uses the notifier's settings but not its queues, and prints the result of each attempt with advice.
Exit code 1 if a provider did not accept its message.
"""

import argparse
import asyncio
import contextlib
import logging
import secrets
import sys
import time
from collections.abc import Sequence

import structlog
from pydantic import ValidationError

from services.notifier.channels.provider import DeliveryResult, OutboundMessage, Provider
from services.notifier.channels.providers import providers_of
from services.notifier.models.message import EMAIL, SMS
from services.notifier.models.notification import DeliveryState
from services.notifier.settings import NotifierSettings
from services.notifier.trial.service import TAKEN
from services.notifier.writing.library import LANGUAGES
from services.notifier.writing.sms import parts
from shared.addresses import read_email, read_mobile
from shared.settings import faults_of

SUBJECTS = {"en": "Test message", "ur": "آزمائشی پیغام"}
WORDS = {
    "en": "Rabta: this is a test message. You do not need to do anything.",
    "ur": "رابطہ: یہ آزمائشی پیغام ہے۔ آپ کو کچھ نہیں کرنا۔",
}
SETTING = {SMS: "RABTA_SMS_GATEWAY", EMAIL: "RABTA_EMAIL_SERVER"}
ADVICE = {
    DeliveryState.SENDING: "the provider has accepted it",
    DeliveryState.DELIVERED: "it has arrived",
    DeliveryState.TEMPORARY_FAILURE: "the provider is unavailable, slow or busy: check its address and the firewall",
    DeliveryState.PERMANENT_FAILURE: "the provider says that it can never arrive: is the address right and allowed?",
}
AFTER_TECHNICAL_FAILURE = {
    SMS: "check RABTA_{}_URL, _ACCOUNT and _SECRET, and whether the file of _GATEWAY knows the gateway's response",
    EMAIL: "check user, password and port in RABTA_{}_SERVER, and whether RABTA_EMAIL_FROM is allowed there",
}
ASKED_EVERY = 1.0


def address_of(text: str) -> tuple[str, str]:
    """The channel and address of a typed value. Raises argparse.ArgumentTypeError."""
    channel = EMAIL if "@" in text else SMS
    address = read_email(text) if channel == EMAIL else read_mobile(text)
    if address is None:
        raise argparse.ArgumentTypeError(f"{text} is neither a Pakistani mobile nor an email address")
    return channel, address


async def try_channel(
    channel: str, address: str, languages: Sequence[str], providers: Sequence[Provider], wait: float
) -> bool:
    """Send by each provider of a channel in each language; returns whether all were accepted."""
    outside = [one for one in providers if not one.recording_delivers]
    if not outside:
        print(f"{channel}: no provider: set {SETTING[channel]} (docs/messages.md)")
    return bool(outside) and all(
        [await try_provider(one, address, language, wait) for one in outside for language in languages]
    )


async def try_provider(provider: Provider, address: str, language: str, wait: float) -> bool:
    """Send a message and print its result; returns whether it was accepted."""
    message = OutboundMessage(secrets.token_hex(16), address, SUBJECTS[language], WORDS[language], language)
    begun = time.perf_counter()
    result = await provider.deliver(message)
    size = f", {parts(message.words)} part(s)" if provider.channel == SMS else ""
    theirs = f", their reference {result.reference}" if result.reference else ""
    seconds = time.perf_counter() - begun
    print(f"{provider.name} ({language}{size}): {result.state} after {seconds:.2f} s{theirs}")
    error = f" ({result.error})" if result.error and result.state not in TAKEN else ""
    print(f"  {advice(provider, result.state)}{error}")
    if result.unsure:
        print("  no response, or an unknown one: the message may have been accepted")
    if result.state is DeliveryState.SENDING:
        await ask(provider, message, result, wait)
    return result.state in TAKEN


async def ask(provider: Provider, message: OutboundMessage, result: DeliveryResult, wait: float) -> None:
    """Ask for `wait` seconds about the message, if the provider can be asked."""
    reference = message.reference if provider.asks_by == "ours" else result.reference
    if provider.asks_by is None or reference is None:
        counted = f'rabta_message_reports_total{{provider="{provider.name}",state="unknown"}}'
        print("  this provider cannot be asked whether the message arrived; its report is counted")
        print(f"  at the notifier's /metrics as {counted}")
        return
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(wait):
            while True:
                answer = await provider.ask(reference)
                if answer is not None and answer.state is not DeliveryState.SENDING:
                    print(f"  asked again: {answer.state}")
                    return
                await asyncio.sleep(ASKED_EVERY)
    print(f"  asked again for {wait:g} s: the provider does not know yet whether it arrived")


def advice(provider: Provider, state: DeliveryState) -> str:
    """Advice for the operator."""
    name = provider.name.replace("-", "_").upper()
    if state is DeliveryState.TECHNICAL_FAILURE:
        return AFTER_TECHNICAL_FAILURE[provider.channel].format(name)
    return ADVICE[state]


async def run(given: argparse.Namespace, settings: NotifierSettings) -> bool:
    """Test the providers of the given addresses. Raises ValueError for inconsistent settings."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    providers = providers_of(settings)
    languages = LANGUAGES if given.language == "both" else (given.language,)
    try:
        return all(
            [
                await try_channel(channel, address, languages, providers.get(channel, ()), given.wait)
                for channel, address in given.to
            ]
        )
    finally:
        for each in providers.values():
            for provider in each:
                await provider.close()


def main() -> None:
    """Read the command line and the settings, and run the test."""
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
