"""Errors while starting or using a suite, with the exit codes of the command line."""


class LocalError(Exception):
    """An error for people, shown as one line."""

    exit_code = 1


class PrerequisiteError(LocalError):
    """The machine lacks something; the message says what to do."""

    exit_code = 3


class NotReadyError(LocalError):
    """A process ended or did not become ready in time; the message ends with its last log lines."""
