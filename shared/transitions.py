"""Errors of a life cycle."""

from shared.errors import ConflictError


class TransitionRefusedError(ConflictError):
    """The action is not possible in the present state."""

    code = "transition-refused"


class TooManyStepsError(ConflictError):
    """The history is full; only steps that lead to an end are possible."""

    code = "too-many-steps"
