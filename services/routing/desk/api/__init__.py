"""Routes for the work inside a department."""

from services.routing.desk.api import assigning, bulk, parts, reply_templates, saved_views, team
from shared.routes import Router

router = Router()
router.include_router(saved_views.router)
router.include_router(reply_templates.router)
router.include_router(bulk.router)
router.include_router(team.router)
router.include_router(assigning.router)
router.include_router(parts.router)
