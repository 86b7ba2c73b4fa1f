"""All routes of the service, in `router`."""

from services.requests.catalogue.api import catalogue, services
from services.requests.duplicates import api as duplicates
from services.requests.files import api as files
from services.requests.filing.api import anonymous, drafts, filing, foreseeing
from services.requests.life.api import overriding, steps
from services.requests.proof import api as proof
from services.requests.publishing.api import partners, public, words
from services.requests.reading.api import at_department, export, own, tracking
from shared.routes import Router

router = Router()
# Routes are matched in this order, the busiest first.
BUSY = (tracking, filing, files, drafts, anonymous, duplicates, export, overriding, at_department, own)
for part in (*BUSY, steps, proof, catalogue, foreseeing, services, public, partners, words):
    router.include_router(part.router)
router.include_router(proof.published)
