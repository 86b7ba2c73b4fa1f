"""Errors of a life cycle."""

from shared.errors import ConflictError


class TransitionRefusedError(ConflictError, code="transition-refused"):
    """The action is not possible in the present state."""


class TooManyStepsError(ConflictError, code="too-many-steps"):
    """The history is full; only steps that lead to an end are possible."""
