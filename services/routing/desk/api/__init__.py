"""Routes for the work inside a department."""

from services.routing.desk.api import bulk, reply_templates, saved_views
from shared.routes import Router

router = Router(prefix="/api/v1")
router.include_router(saved_views.router)
router.include_router(reply_templates.router)
router.include_router(bulk.router)
