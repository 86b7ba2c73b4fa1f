"""HTTP in, one use case, HTTP out: one file for each thing that is asked for."""

from fastapi import APIRouter

from services.notifier.api import outbox, reading

router = APIRouter()
for part in (reading, outbox):
    router.include_router(part.router)
