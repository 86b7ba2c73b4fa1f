"""Departments: everybody reads them, administrators make them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from services.routing import schemas
from services.routing.models.directory import DepartmentEntry
from shared.auth import Principal, Public, needs
from shared.errors import language_of
from shared.jsonbody import body_of, described
from shared.rights import Right

router = APIRouter()
Manager = Annotated[Principal, Depends(needs(Right.MANAGE_DEPARTMENTS))]
DEPARTMENT = {
    "code": "forests",
    "name": {"en": "Forests", "ur": "محکمہ جنگلات"},
    "head": {"en": "Divisional Forest Officer", "ur": "ڈویژنل فارسٹ آفیسر"},
    "appellate_authority": {"en": "Conservator of Forests", "ur": "کنزرویٹر جنگلات"},
    "districts": ["swat", "abbottabad"],
}


@router.get("/departments", tags=["departments"], dependencies=[Public])
async def departments(request: Request) -> schemas.Departments:
    """Every department, and who heads it."""
    language = language_of(request.headers)
    known = sorted(request.app.state.directory.departments.values(), key=lambda department: department.id)
    return {
        "departments": [
            {
                "code": department.id,
                "name": department.name[language],
                "head": department.head[language],
                "districts": department.districts,
            }
            for department in known
        ]
    }


@router.post(
    "/admin/departments",
    status_code=201,
    tags=["administration"],
    openapi_extra=described(DepartmentEntry, DEPARTMENT),
)
async def create_department(
    request: Request,
    _: Manager,
    entry: Annotated[DepartmentEntry, Depends(body_of(DepartmentEntry))],
) -> schemas.Credentials:
    """Make a department with its queue and credentials; the password is shown this once. Again: a new password."""
    made = await request.app.state.departments.create(entry, language_of(request.headers))
    return {"department": made.department, "user": made.user, "password": made.password, "queue": made.queue}
