"""The access trail: looks at a request lose its number when the request is anonymised."""

from services.identity.accounts.models.access import AccessNote
from services.identity.handlers import access_handlers
from shared.events import CONFIDENTIAL, AccessForgotten, AccessRecorded
from shared.inbox import Inbox
from shared.seal import SealPurpose
from tests.builders import CITIZEN, KEYS, NUMBER, a_delivery, an_envelope
from tests.fakes import START, MemoryStore

LOOK = "look-1"


def recorded(citizen_id: str) -> AccessRecorded:
    """Record the look of an officer."""
    return AccessRecorded(
        citizen_id=citizen_id, what="request", request=NUMBER, role="officer", department="power", at=START
    )


async def test_access_record_stays_without_its_anonymised_request() -> None:
    store = MemoryStore(AccessNote)
    inbox = Inbox(store, access_handlers(KEYS), lambda key: AccessNote(id=key), expect_new=True)
    hidden = CONFIDENTIAL + KEYS.seal(CITIZEN, SealPurpose.REQUEST_CITIZEN, owner=NUMBER)
    await inbox.take([a_delivery(an_envelope(recorded(hidden), 1, subject=LOOK))])
    note = store.documents[LOOK]
    assert (note["citizen_id"], note["request"]) == (CITIZEN, NUMBER)
    await inbox.take([a_delivery(an_envelope(AccessForgotten(), 2, subject=LOOK))])
    note = store.documents[LOOK]
    assert (note["citizen_id"], note["request"], note["role"], note["at"]) == (CITIZEN, None, "officer", START)


async def test_access_recorded_after_the_erasure_names_nobody() -> None:
    store = MemoryStore(AccessNote)
    inbox = Inbox(store, access_handlers(KEYS), lambda key: AccessNote(id=key), expect_new=True)
    late = [an_envelope(recorded(CITIZEN), 1, subject=LOOK), an_envelope(AccessForgotten(erased=True), 2, subject=LOOK)]
    await inbox.take([a_delivery(envelope) for envelope in late])
    note = store.documents[LOOK]
    assert (note["citizen_id"], note["request"], note["role"]) == ("", None, "officer")
