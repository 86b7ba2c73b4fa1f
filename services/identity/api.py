"""All routes of the service, in `router`."""

from services.identity.citizens.api import citizens, mobiles, own_data, passwords, registrations
from services.identity.sessions.api import keys, oauth, own_sessions, sessions
from services.identity.staff.api import audit, second_factor, staff
from shared.routes import Router

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
    audit,
    oauth,
    keys,
)
router = Router()
for part in PARTS:
    router.include_router(part.router)
