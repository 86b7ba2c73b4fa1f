"""Renewing a password, secret or key: when the old one ends."""

from gateway.web.forms.form import Form

FIELD = "keep_old_hours"
KEEP_HOURS = ("", "24", "168")
"""For how many hours the old one may stay valid."""


def kept_hours(form: Form, missing: str) -> dict[str, int]:
    """The choice as the API takes it. Raises FormError, with the message `missing`, if nothing was chosen."""
    hours = form.value(FIELD)
    if hours not in KEEP_HOURS:
        form.fail(FIELD, missing)
    return {FIELD: int(hours)} if hours else {}
