"""Words for refusals that a page can put better than the service, which does not know what it is asked from."""

from gateway.web.portal import RefusedError
from gateway.web.visit import Visit


def refuse(visit: Visit, refused: RefusedError, names: dict[str, str] | None = None, early: str = "") -> None:
    """Show a refusal at the form, with the time from which to try again; `early` are other words for why.

    Raises the refusal where nobody knows whether it was done: the page for that gives back what was typed.
    """
    if refused.status >= 500:
        raise refused
    visit.form.refuse(refused, names)
    if refused.code == "too-many-requests" and refused.retry_after:
        why = early or visit.say("That was tried too often.")
        visit.form.trouble = f"{why} {again_from(visit, refused)}"


def again_from(visit: Visit, refused: RefusedError) -> str:
    """From when it is worth trying again, by the clock and from now."""
    return visit.words.wait(refused.retry_after).striptags()


def demand(visit: Visit, **words: str) -> bool:
    """Whether each of these fields is filled in; an empty one is marked with its words."""
    for name, text in words.items():
        if not visit.form.value(name):
            visit.form.wrong(name, text)
    return not visit.form.failed
