"""Routes for the work inside a department."""

from services.routing.desk.api import assigning, bulk, parts, reply_templates, saved_views, team
from shared.routes import Router

router = Router()
for part in (saved_views, reply_templates, bulk, team, assigning, parts):
    router.include_router(part.router)
