"""HTTP in, one use case, HTTP out. `router` has all routes."""

from fastapi import APIRouter

from services.requests.api import anonymous, catalogue, filing, own, tracking

router = APIRouter(prefix="/api/v1")
for part in (filing, anonymous, own, tracking, catalogue):
    router.include_router(part.router)
