"""HTTP in, one use case, HTTP out. `router` has all routes."""

from fastapi import APIRouter

from services.requests.anonymous.api import anonymous, anonymous_files
from services.requests.catalogue.api import catalogue, services
from services.requests.duplicates.api import same
from services.requests.files.api import attachments
from services.requests.filing.api import drafts, filing, foreseeing
from services.requests.life.api import appeals, overriding, steps
from services.requests.proof.api import receipts
from services.requests.reading.api import at_department, export, own, tracking

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
    steps,
    receipts,
    tracking,
    catalogue,
    foreseeing,
    services,
):
    router.include_router(part.router, prefix="/api/v1")
router.include_router(receipts.published)
