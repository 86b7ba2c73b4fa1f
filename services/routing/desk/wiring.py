"""Creates the use cases of the work inside a department."""

from typing import Any

from fastapi import FastAPI

from services.routing.desk.service.absences import Absences
from services.routing.desk.service.assigning import Assigning
from services.routing.desk.service.automatic import AutomaticAssigning
from services.routing.desk.service.bulk import BulkActing
from services.routing.desk.service.interests import Interests
from services.routing.desk.service.parts import Parts
from services.routing.desk.service.reply_templates import DepartmentTemplates
from services.routing.desk.service.saved_views import OfficerViews
from services.routing.desk.store.desk import DeskStore
from services.routing.desk.store.texts import ReplyTemplateStore, SavedViewStore
from services.routing.service.routing import RequestRouter
from services.routing.store.departments import DepartmentStore, StaffCopyStore
from shared.mongo import Database, ServerClock


async def wire_team(
    app: FastAPI, router: RequestRouter, departments: DepartmentStore, staff: StaffCopyStore
) -> AutomaticAssigning:
    """Set the use cases of officers in the state of the app, which has those of the kernel; returns the sweep."""
    state = app.state
    keys, desk = state.settings.keys, DeskStore(state.assignments)
    await desk.create_indexes()
    state.desk, state.staff, state.department_store = desk, staff, departments
    state.assigning = Assigning(staff, desk)
    state.absences = Absences(staff, state.assignments, desk, state.assigning)
    state.interests = Interests(router, keys)
    state.parts = Parts(state.directory, router, desk, keys)
    return AutomaticAssigning(state.directory, state.assignments, desk, state.assigning)


async def wire_texts(app: FastAPI, database: Database, clock: ServerClock, **marks: Any) -> None:
    """Set the use cases of texts and bulk actions in the state of the app, which has those of `wire_team`."""
    views = SavedViewStore(database["saved_views"], clock, **marks)
    templates = ReplyTemplateStore(database["reply_templates"], clock, **marks)
    for store in (views, templates):
        await store.create_indexes()
    state = app.state
    state.saved_views = OfficerViews(views)
    state.reply_templates = DepartmentTemplates(templates, state.directory, state.colleagues)
    state.bulk = BulkActing(
        state.assignments, state.acting, state.assigning, state.copies, state.reply_templates, state.settings.keys
    )
