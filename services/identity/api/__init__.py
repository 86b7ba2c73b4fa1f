"""HTTP in, one use case, HTTP out. `router` has all routes."""

from fastapi import APIRouter

from services.identity.api import keys, oauth, registrations, sessions, staff

router = APIRouter()
for part in (registrations, sessions, staff, oauth, keys):
    router.include_router(part.router)
