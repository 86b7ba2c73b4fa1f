"""HTTP in, one use case, HTTP out. `router` has all routes."""

from fastapi import APIRouter

from services.identity.api import (
    audit,
    citizens,
    keys,
    mobiles,
    oauth,
    own_data,
    own_sessions,
    passwords,
    registrations,
    second_factor,
    sessions,
    staff,
    staff_password,
)

PARTS = (
    registrations,
    citizens,
    sessions,
    second_factor,
    own_sessions,
    passwords,
    own_data,
    mobiles,
    staff,
    staff_password,
    audit,
    oauth,
    keys,
)
router = APIRouter()
for part in PARTS:
    router.include_router(part.router)
