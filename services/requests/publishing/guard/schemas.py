"""A mark: where personal data seems to be in a text, and of what kind."""

from enum import StrEnum
from typing import NamedTuple


class PersonalKind(StrEnum):
    """The kinds of personal data that the guard finds."""

    CNIC = "cnic"
    PHONE = "phone"
    EMAIL = "email"
    NUMBER = "number"
    """A long number of another kind, such as that of a bank account or an electricity meter."""
    NAME = "name"
    PLATE = "plate"
    ADDRESS = "address"


HARD = frozenset({PersonalKind.CNIC, PersonalKind.PHONE, PersonalKind.EMAIL, PersonalKind.NUMBER})
"""Kinds that are never published, whatever an officer thinks of it."""


class Mark(NamedTuple):
    """Personal data from `start` up to `end`."""

    start: int
    end: int
    kind: PersonalKind
