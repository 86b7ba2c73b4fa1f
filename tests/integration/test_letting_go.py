"""Files of an account that was erased, on the real database."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.requests.files.store.attachments import AttachmentStore
from services.requests.request.models.attachment import Attachment, FileState
from shared.mongo import Database, ServerClock

MARKS: dict[str, Any] = {"lease": 8, "settle_after": 120}


async def test_a_file_that_was_being_written_when_its_sender_was_erased_is_let_go_by_the_next_look(
    database: Database,
    clock: ServerClock,
) -> None:
    store = AttachmentStore(database["attachments"], clock, **MARKS)
    now = datetime.now(UTC)
    writing = Attachment(id="f", owner="c-1", idempotency_key="k", created_at=now, due_at=now + timedelta(minutes=10))
    assert await store.insert_many([writing]) == [None]
    written = await store.get("f")
    assert written is not None
    await store.expire_unused("c-1")
    written.state, written.due_at = FileState.CLEAN, now + timedelta(hours=24)
    assert await store.save_many([written]) == set()
    await store.expire_unused("c-1")
    due = await store.claim_due(timedelta(minutes=2))
    assert due is not None
    assert due.created_at < now - timedelta(days=1)
