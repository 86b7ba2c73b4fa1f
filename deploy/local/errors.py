"""What can go wrong while a suite is brought up, with the exit code that the command line gives for it."""


class LocalError(Exception):
    """Something that a person should read as one clear line."""

    exit_code = 1


class PrerequisiteError(LocalError):
    """Something that the machine lacks; the message says what to do about it."""

    exit_code = 3


class NotReadyError(LocalError):
    """A process ended, or did not become ready in time; the message ends with its last log lines."""
