"""HTTP in, one use case, HTTP out. `router` has all routes."""

from services.routing.subscriptions.api import managing, taking
from shared.routes import Router

router = Router()
router.include_router(taking.router)
router.include_router(managing.router)
