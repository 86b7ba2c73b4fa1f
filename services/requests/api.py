"""HTTP in, one use case, HTTP out. `router` has all routes."""

from services.requests.catalogue.api import catalogue, services
from services.requests.duplicates.api import same
from services.requests.files.api import attachments
from services.requests.filing.api import anonymous, drafts, filing, foreseeing
from services.requests.life.api import appeals, overriding, steps
from services.requests.proof.api import receipts
from services.requests.reading.api import at_department, export, own, tracking
from shared.routes import Router

router = Router()
# Routes are tried in this order: first those that carry the load.
for part in (
    tracking,
    filing,
    attachments,
    drafts,
    anonymous,
    same,
    export,
    appeals,
    overriding,
    at_department,
    own,
    steps,
    receipts,
    catalogue,
    foreseeing,
    services,
):
    router.include_router(part.router, prefix="/api/v1")
router.include_router(receipts.published)
