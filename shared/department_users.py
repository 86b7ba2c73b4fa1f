"""The two user names that each department's software has, at the broker and for tokens."""

SECOND_USER = ".2"
"""The suffix of the second user name; a department's code has no dot."""


def department_of(user: str | None) -> str | None:
    """The code of the department that a user name belongs to; None for other users."""
    prefix, _, code = (user or "").removesuffix(SECOND_USER).partition("department.")
    return code if code and not prefix else None
