"""The HTTP routes: one file for each subject."""

from services.notifier.api import messages, outbox, preferences, reading, work
from shared.routes import Router

router = Router()
for part in (reading, preferences, work, messages, outbox):
    router.include_router(part.router)
