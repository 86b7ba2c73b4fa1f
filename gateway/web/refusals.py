"""What a form says where a service refused it, or where something is not filled in."""

from gateway.web.portal import RefusedError
from gateway.web.visit import Visit


def refuse(visit: Visit, refused: RefusedError, names: dict[str, str] | None = None) -> None:
    """Show a refusal at the form.

    Raises the refusal where nobody knows whether it was done: the page for that gives back what was typed.
    """
    if refused.status >= 500:
        raise refused
    visit.form.refuse(refused, names)


def demand(visit: Visit, **words: str) -> bool:
    """Whether each of these fields is filled in; an empty one is marked with its words."""
    for name, text in words.items():
        if not visit.form.value(name):
            visit.form.wrong(name, text)
    return not visit.form.failed
