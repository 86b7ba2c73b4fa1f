"""Creates the use cases for saved views, reply templates and bulk actions."""

from typing import Any

from fastapi import FastAPI

from services.routing.desk.service.bulk import BulkActing
from services.routing.desk.service.reply_templates import TemplateShelf
from services.routing.desk.service.saved_views import ViewShelf
from services.routing.desk.store.texts import ReplyTemplateStore, SavedViewStore
from shared.mongo import Database, ServerClock


async def wire_texts(app: FastAPI, database: Database, clock: ServerClock, **marks: Any) -> None:
    """Set the use cases in the state of the app, which has those of the kernel."""
    views = SavedViewStore(database["saved_views"], clock, **marks)
    templates = ReplyTemplateStore(database["reply_templates"], clock, **marks)
    for store in (views, templates):
        await store.create_indexes()
    state = app.state
    state.saved_views = ViewShelf(views)
    state.reply_templates = TemplateShelf(templates, state.directory, state.colleagues)
    state.bulk = BulkActing(state.assignments, state.acting, state.copies, state.reply_templates, state.settings.keys)
