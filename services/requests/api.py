"""All routes of the service, in `router`."""

from services.requests.catalogue.api import catalogue, services
from services.requests.duplicates import api as duplicates
from services.requests.files import api as files
from services.requests.filing.api import anonymous, drafts, filing, foreseeing
from services.requests.life.api import overriding, steps
from services.requests.proof import api as proof
from services.requests.publishing.api import partners, public, words
from services.requests.reading.api import at_department, own, tracking
from shared.routes import Router

router = Router()
# Routes are matched in this order, the busiest first; `/requests/export` before `/requests/{number}`.
BUSY = (tracking, filing, files, drafts, anonymous, duplicates, overriding, at_department, own)
OTHERS = (steps, proof, catalogue, foreseeing, services, public, partners, words)
for one in (own.exports, *(part.router for part in (*BUSY, *OTHERS)), proof.published):
    router.include_router(one)
