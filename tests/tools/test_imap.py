"""Bounces from a real mailbox: those about our messages are processed and deleted, everything else stays."""

import asyncio
import os
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from services.notifier.models.message import EMAIL
from services.notifier.models.notification import DeliveryState
from services.notifier.sending.mailbox import Mailbox, MailboxAwayError
from tests.builders import CITIZEN
from tests.unit.notifier.bounce_samples import REFERENCE, exim, postfix
from tests.unit.notifier.memory import World
from tests.unit.notifier.sent import a_code_by_email
from tools.gateways.imap import ImapServer, can_run, dovecot

pytestmark = pytest.mark.skipif(
    not can_run() and "RABTA_NEEDS_DOVECOT" not in os.environ,
    reason="needs Dovecot, which this machine does not have",
)
ANSWER = b"From: somebody@example.com\nSubject: Thank you\n\nThat was quick.\n"


@pytest.fixture(scope="module")
def server() -> Iterator[ImapServer]:
    """A mailbox."""
    with dovecot() as running:
        yield running


async def test_our_bounces_are_processed_and_deleted_other_emails_stay(server: ImapServer) -> None:
    world, message = await a_code_by_email()
    assert message.ours is not None
    ours = postfix().replace(REFERENCE.encode(), message.ours.encode())
    for mail in (ours, ANSWER, exim(), ours + b"x" * 400_000):
        await asyncio.to_thread(server.put, mail)
    mailboxes = [Mailbox(SecretStr(server.url), world.reports) for _ in range(2)]
    counts = await asyncio.gather(*(mailbox.read() for mailbox in mailboxes))  # as two replicas do
    assert max(counts) == 4
    contact = await world.contacts.get(CITIZEN)
    assert contact is not None
    assert contact.failing.keys() == {EMAIL}
    assert world.notifications.all()[-1].state is DeliveryState.PERMANENT_FAILURE
    left = await asyncio.to_thread(server.kept)
    assert [("Thank you" in one, r"\\Seen" in one) for one in left] == [(True, True), (False, True)]
    assert await mailboxes[0].read() == 0


async def test_a_failed_login_is_reported_without_the_password(server: ImapServer) -> None:
    world, _ = await a_code_by_email()
    for url in (server.url.replace("p%40ss", "wrong"), server.url.replace(str(server.port), "1")):
        with pytest.raises(MailboxAwayError) as failed:
            await Mailbox(SecretStr(url), world.reports).read()
        assert str(failed.value) in ("error", "ConnectionRefusedError")


@pytest.mark.parametrize(
    "url", ["imaps://host", "http://a:b@host", "imaps://a:b/c@host:x/", "imaps://a:s3cret@host:99999/"]
)
def test_an_invalid_mailbox_address_is_refused_and_not_quoted(url: str) -> None:
    world = World(None)
    with pytest.raises(ValueError, match="RABTA_BOUNCE_MAILBOX") as refused:
        Mailbox(SecretStr(url), world.reports)
    assert "s3cret" not in str(refused.value)
