"""A code of the second factor as forms hold it: six digits of the app, or a recovery code."""

from gateway.web.forms.form import Form
from gateway.web.portal import RefusedError
from gateway.web.visit import Visit

RECOVERY = "recovery_code"
MOST = 40


def factor_of(form: Form) -> dict[str, str]:
    """What is sent: the recovery code where one was typed, else the code of the app."""
    recovery = form.value(RECOVERY)
    return {RECOVERY: recovery[:MOST]} if recovery else {"code": form.code()}


def refuse_factor(visit: Visit, refused: RefusedError) -> None:
    """Tell of a refusal at the field that was filled in. Raises the refusal where the outcome is unknown."""
    if visit.form.value(RECOVERY):
        words = visit.say("This recovery code does not work. Look at it again; each works once.")
        field = RECOVERY
    else:
        words = visit.say("This code does not work. Wait for the next one in the app, and type that.")
        field = "code"
    if refused.errors or refused.code == "totp-failed":
        visit.form.add_error(field, words)
    visit.form.refuse(refused, {"": field, "/": field, "totp-failed": field})
