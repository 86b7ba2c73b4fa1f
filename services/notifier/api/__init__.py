"""HTTP in, one use case, HTTP out: one file for each thing that is asked for."""

from fastapi import APIRouter

from services.notifier.api import outbox, preferences, reading, stopping

router = APIRouter()
for part in (reading, preferences, stopping, outbox):
    router.include_router(part.router)
