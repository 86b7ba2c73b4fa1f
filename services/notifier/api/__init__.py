"""HTTP in, one use case, HTTP out: one file for each thing that is asked for."""

from fastapi import APIRouter

from services.notifier.api import (
    callbacks,
    messages,
    outbox,
    preferences,
    reaching,
    read_marks,
    reading,
    stopping,
    work,
)

__all__ = ["callbacks", "router"]

router = APIRouter()
for part in (reading, preferences, stopping, work, messages, outbox, reaching, read_marks):
    router.include_router(part.router)
