"""The audit: what administrators and clerks did, and whether every entry is unchanged; for auditors."""

import asyncio

from starlette.responses import Response

from gateway.web.administration.room import room
from gateway.web.roles import ROLES
from gateway.web.visit import Visit
from gateway.web.words import _

PAGE = "administration/audit.html"
API = "/api/v1/admin/audit"
AUDITOR = frozenset({"auditor"})
ACTS = {
    "made": _("Made an account"),
    "proposed": _("Proposed an administrator"),
    "confirmed": _("Confirmed an administrator"),
    "role_changed": _("Changed a role"),
    "moved": _("Moved somebody"),
    "disabled": _("Disabled an account"),
    "enabled": _("Enabled an account"),
    "password_reset": _("Gave a start password"),
    "password_changed": _("Changed their own password"),
    "totp_enrolled": _("Set up their second factor"),
    "totp_removed": _("Removed their second factor"),
    "totp_reset": _("Took away a second factor"),
    "recovery_used": _("Used a recovery code"),
    "looked_up": _("Looked up a citizen"),
    "registered": _("Asked for an account for a citizen"),
    "verified": _("Opened an account for a citizen"),
    "department_made": _("Made a department"),
    "department_changed": _("Changed a department"),
    "department_access_renewed": _("Made a new password for a department’s software"),
    "subscription_changed": _("Changed a subscription of a department’s software"),
    "service_published": _("Published a service"),
    "service_withdrawn": _("Withdrew a service"),
    "rules_published": _("Published routing rules"),
}
"""Acts in words; an act that is not listed is shown by its name."""
DETAILS = {
    "role": _("Role"),
    "from": _("Before"),
    "to": _("Now"),
    "department": _("Department"),
    "counter": _("Counter"),
    "changed": _("Changed"),
    "subscription": _("Subscription"),
    "act": _("Done"),
    "asked_by": _("Found by"),
    "service": _("Service"),
    "version": _("Version"),
    "rules": _("Rules"),
}
VALUES = {
    **ROLES,
    "cnic": _("CNIC"),
    "mobile": _("mobile number"),
}
"""Values of details in words; all others are names or codes."""


@room.get("/admin/audit", roles=AUDITOR)
async def show(visit: Visit) -> Response:
    """The entries, newest first, and the result of checking them. Raises RefusedError."""
    cursor = visit.query("cursor")
    page, verdict = await asyncio.gather(
        visit.portal.read(API, {"limit": 50, "cursor": cursor}), visit.portal.read(f"{API}/verdict")
    )
    return visit.page(
        PAGE, entries=page["entries"], following=page["next"], verdict=verdict, cursor=cursor,
        acts=ACTS, details=DETAILS, values=VALUES,
    )  # fmt: skip
