"""The promises of `use_cases`, over the stores in memory."""

from tests.unit.identity import use_cases


class TestRegistration(use_cases.RegistrationPromises):
    """Registering."""


class TestLapse(use_cases.LapsePromises):
    """Registrations that nobody proved."""


class TestCodes(use_cases.CodePromises):
    """One-time codes."""


class TestSessions(use_cases.SessionPromises):
    """Sessions."""


class TestStaff(use_cases.StaffPromises):
    """Staff and departments."""
