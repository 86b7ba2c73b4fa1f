"""HTTP in, one use case, HTTP out. `router` has all routes."""

from services.routing.api import assignments, departments, worklist
from services.routing.figures import api as figures
from services.routing.rules import api as rules
from shared.routes import Router

router = Router()
for part in (departments.router, worklist.router, worklist.live, assignments.router, rules.router, figures.router):
    router.include_router(part)
