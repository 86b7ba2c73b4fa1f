"""The two user names of each department's software, at the broker and for tokens: a first and a second."""

SECOND_USER = ".2"
"""What ends the second name; no department's code has a dot."""


def department_of(user: str | None) -> str | None:
    """The code of the department that a name belongs to; None for names of others."""
    prefix, _, code = (user or "").removesuffix(SECOND_USER).partition("department.")
    return code if code and not prefix else None
