"""HTTP in, one use case, HTTP out. `router` has all routes."""

from fastapi import APIRouter

from services.routing.api import assignments, changes, departments, worklist

router = APIRouter(prefix="/api/v1")
router.include_router(departments.router)
router.include_router(worklist.router)
router.include_router(changes.router)
router.include_router(assignments.router)
