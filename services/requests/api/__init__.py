"""HTTP in, one use case, HTTP out. `router` has all routes."""

from fastapi import APIRouter

from services.requests.api import (
    anonymous,
    anonymous_files,
    appeals,
    at_department,
    attachments,
    catalogue,
    drafts,
    export,
    filing,
    overriding,
    own,
    receipts,
    same,
    services,
    tracking,
)

router = APIRouter()
for part in (
    filing,
    attachments,
    drafts,
    anonymous,
    anonymous_files,
    same,
    export,
    appeals,
    overriding,
    at_department,
    own,
    receipts,
    tracking,
    catalogue,
    services,
):
    router.include_router(part.router, prefix="/api/v1")
router.include_router(receipts.published)
