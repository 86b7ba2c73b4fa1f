"""Errors of a life cycle that is kept as a table of edges."""

from shared.errors import ConflictError


class TransitionRefusedError(ConflictError):
    """No edge leads from the present state by that action."""

    code = "transition-refused"


class TooManyStepsError(ConflictError):
    """The history is full; only steps that bring it to its end are possible."""

    code = "too-many-steps"
