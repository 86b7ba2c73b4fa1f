"""The promises of `use_cases`, over the stores in memory."""

from tests.unit.identity import second_factor_cases, staff_cases, use_cases


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


class TestStaffChanges(staff_cases.ChangePromises):
    """Changes of staff."""


class TestSecondFactor(second_factor_cases.SecondFactorPromises):
    """Second factors of staff."""


class TestAudit(staff_cases.AuditPromises):
    """The audit of what was done."""
