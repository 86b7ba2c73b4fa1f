"""The roles of staff, in words."""

from gateway.web.words import _

ROLES = {
    "officer": _("Officer"),
    "head": _("Head of department"),
    "appellate": _("Appellate authority"),
    "clerk": _("Clerk"),
    "admin": _("Administrator"),
    "auditor": _("Auditor"),
}
