"""Departments: everybody reads them, administrators make and change them."""

from typing import Annotated, cast

from fastapi import Depends, Request, Response

from services.routing import schemas
from services.routing.directory import Directory
from services.routing.models.calendar import Calendar
from services.routing.models.directory import DepartmentChange, DepartmentEntry, DepartmentRecord, NewPassword
from services.routing.provisioning import BrokerState
from services.routing.service.departments import DepartmentAdmin
from shared.auth import Principal, Public, needs
from shared.clock import utc_now
from shared.errors import language_of
from shared.paging import time_text
from shared.rights import Right
from shared.routes import Router, use

router = Router(prefix="/api/v1")
Manager = Annotated[Principal, Depends(needs(Right.MANAGE_DEPARTMENTS))]
DEPARTMENT = {
    "code": "forests",
    "name": {"en": "Forests", "ur": "محکمہ جنگلات"},
    "head": {"en": "Divisional Forest Officer", "ur": "ڈویژنل فارسٹ آفیسر"},
    "appellate_authority": {"en": "Conservator of Forests", "ur": "کنزرویٹر جنگلات"},
}
END_OLD_NOW = NewPassword()


async def no_store(response: Response) -> None:
    """Nobody keeps the answer: it may hold a password."""
    response.headers["Cache-Control"] = "no-store"


admin = Router(prefix="/api/v1/admin/departments", tags=["administration"], dependencies=[Depends(no_store)])


UsesDepartments = Annotated[DepartmentAdmin, use("departments")]
UsesCalendar = Annotated[Calendar, use("calendar")]
UsesDirectory = Annotated[Directory, use("directory")]


@router.get("/departments", tags=["departments"], dependencies=[Public])
async def departments(request: Request, response: Response, directory: UsesDirectory) -> schemas.Departments:
    """Every department, who heads it, and who hears appeals. The catalogue lists the services of each."""
    response.headers.update({"Cache-Control": "public, max-age=60", "Vary": "Accept-Language"})
    language = language_of(request.headers)
    known = sorted(directory.departments.values(), key=lambda department: department.id)
    return {
        "departments": [
            {
                "code": department.id,
                "name": department.name[language],
                "head": department.head[language],
                "appellate_authority": department.appellate_authority[language],
                "districts": [],
            }
            for department in known
        ]
    }


@admin.get("")
async def list_departments(admin: UsesDepartments, calendar: UsesCalendar, _: Manager) -> schemas.ManagedDepartments:
    """Every department, with what the broker has of it (`broker` is null while that does not answer)."""
    state = await admin.provisioning.broker_state()
    return {
        "departments": [managed(department, state) for department in await admin.all()],
        "holidays_to_confirm": [day.isoformat() for day in calendar.to_confirm(calendar.today())],
    }


@admin.post("", status_code=201)
async def create_department(
    request: Request, principal: Manager, admin: UsesDepartments, entry: DepartmentEntry
) -> schemas.Credentials:
    """Make a department with its queue and credentials; the password is shown this once. 409 when it is there."""
    return await admin.create(entry, principal.id, language_of(request.headers))


@admin.get("/{code}")
async def one_department(code: str, admin: UsesDepartments, _: Manager) -> schemas.ManagedDepartment:
    """One department, with what the broker has of it."""
    return managed(await admin.get(code[:60]), await admin.provisioning.broker_state())


@admin.patch("/{code}")
async def change_department(
    request: Request, code: str, principal: Manager, admin: UsesDepartments, change: DepartmentChange
) -> schemas.ManagedDepartment:
    """Change names, head or appellate authority; what is not sent stays.

    `appeals_to` null leads appeals to the ombudsman. Its queue and credentials stay as they are.
    """
    department = await admin.change(code[:60], change, principal.id, language_of(request.headers))
    return managed(department, await admin.provisioning.broker_state())


@admin.post("/{code}/credentials", status_code=201)
async def renew_credentials(
    code: str, principal: Manager, admin: UsesDepartments, asked: NewPassword = END_OLD_NOW
) -> schemas.Credentials:
    """Give the department's software a new password for broker and API; it is shown this once.

    The old one ends at once, and with it a still older one: the broker closes every connection that was opened with
    it, and the API refuses it and its tokens within seconds. With `keep_old_hours` the old one stays good that long
    beside the new one, which then belongs to another `user`.
    """
    return await admin.renew(code[:60], principal.id, asked.keep_old_hours)


own = Router(prefix="/api/v1/department", tags=["department messages"], dependencies=[Depends(no_store)])


@own.post("/credentials", status_code=201)
async def renew_own_credentials(
    principal: Annotated[Principal, Depends(needs(Right.CONNECT_SYSTEMS))],
    departments: UsesDepartments,
    body: NewPassword = END_OLD_NOW,
) -> schemas.Credentials:
    """Create a new password for the software of the head's department, as an administrator can; shown this once."""
    return await departments.renew(principal.department or "", principal.id, body.keep_old_hours)


router.include_router(admin)
router.include_router(own)


def managed(department: DepartmentRecord, state: BrokerState | None) -> schemas.ManagedDepartment:
    """A department as administrators see it."""
    return {
        "code": department.id,
        "name": cast(schemas.DepartmentWords, department.name),
        "head": cast(schemas.DepartmentWords, department.head),
        "appellate_authority": cast(schemas.DepartmentWords, department.appellate_authority),
        "appeals_to": department.appeals_to,
        "districts": [],
        "queue": department.queue,
        "user": department.login.user,
        "password_at": time_text(department.password_at),
        "old_until": time_text(department.old_good_until(utc_now())),
        "broker": None if state is None else at_broker(department, state),
    }


def at_broker(department: DepartmentRecord, state: BrokerState) -> schemas.AtBroker:
    """What exists of a department at the broker: whether its password is in force, and the counts of its queue."""
    queue = state.queues.get(department.queue)
    return {
        "user": state.users.get(department.login.user) == department.broker_password_hash,
        "queue": queue is not None,
        "messages": None if queue is None else queue.messages,
        "consumers": None if queue is None else queue.consumers,
    }
