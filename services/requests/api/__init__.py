"""HTTP in, one use case, HTTP out. `router` has all routes."""

from fastapi import APIRouter

from services.requests.api import anonymous, catalogue, drafts, export, filing, own, receipts, same, services, tracking

router = APIRouter()
for part in (filing, drafts, anonymous, same, export, own, receipts, tracking, catalogue, services):
    router.include_router(part.router, prefix="/api/v1")
router.include_router(receipts.published)
