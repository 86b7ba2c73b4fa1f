"""HTTP in, one use case, HTTP out: one file for each thing that is asked for."""

from services.notifier.api import messages, outbox, preferences, reading, work
from shared.routes import Router

router = Router()
for part in (reading, preferences, work, messages, outbox):
    router.include_router(part.router)
