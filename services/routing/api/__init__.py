"""HTTP in, one use case, HTTP out. `router` has all routes."""

from services.routing.api import assignments, departments, worklist
from services.routing.figures import api as figures
from services.routing.rules import api as rules
from shared.routes import Router

router = Router()
router.include_router(departments.router)
router.include_router(worklist.router)
router.include_router(worklist.live)
router.include_router(assignments.router)
router.include_router(rules.router)
router.include_router(figures.router)
