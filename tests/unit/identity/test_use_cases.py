"""Runs the cases of identity on stores in memory."""

from tests.unit.identity import (
    account_cases,
    address_cases,
    code_cases,
    counter_cases,
    day_cases,
    device_cases,
    household_cases,
    mobile_cases,
    password_cases,
    refresh_cases,
    registration_cases,
    second_factor_cases,
    session_cases,
    staff_cases,
    takeover_cases,
    unproven_cases,
)


class TestRegistration(registration_cases.RegistrationPromises):
    """Registering."""


class TestLapse(registration_cases.LapsePromises):
    """Registrations that were not proven."""


class TestCodes(code_cases.CodePromises):
    """The validity of codes."""


class TestSends(code_cases.SendPromises):
    """How often a code is sent, and to which channel."""


class TestDays(day_cases.DayPromises):
    """The limit of codes to a number in a day."""


class TestResending(code_cases.ResendPromises):
    """Sending a code again while another is answered."""


class TestLocks(code_cases.LockPromises):
    """Wrong codes."""


class TestResets(password_cases.ResetPromises):
    """Resetting a forgotten password."""


class TestChanges(password_cases.ChangePromises):
    """Changing the password."""


class TestMobiles(mobile_cases.MobilePromises):
    """Changing the mobile."""


class TestUnproven(unproven_cases.UnprovenPromises):
    """Accounts that were opened by a code by email."""


class TestAnew(unproven_cases.AnewPromises):
    """Taking over an account whose mobile is unproven."""


class TestHouseholds(household_cases.HouseholdPromises):
    """Several people who share a phone."""


class TestNewPasswords(takeover_cases.NewPasswordPromises):
    """Passwords that were reset recently."""


class TestSilentNumbers(takeover_cases.SilentNumberPromises):
    """Numbers that may belong to another person now."""


class TestOwnSessions(password_cases.OwnSessionPromises):
    """The caller's own sessions."""


class TestDevices(device_cases.DevicePromises):
    """Known devices."""


class TestAddresses(address_cases.AddressPromises):
    """Addresses that people share."""


class TestLoginLimits(device_cases.LoginLimitPromises):
    """Limits of logins."""


class TestDelivery(code_cases.DeliveryPromises):
    """The delivery of codes."""


class TestSessions(session_cases.SessionPromises):
    """Sessions."""


class TestRefreshing(refresh_cases.RefreshPromises):
    """Refresh tokens."""


class TestStaff(account_cases.StaffPromises):
    """Staff and departments."""


class TestStaffChanges(staff_cases.ChangePromises):
    """Changes of staff."""


class TestSecondFactor(second_factor_cases.SecondFactorPromises):
    """Second factors of staff."""


class TestCounter(counter_cases.CounterPromises):
    """Clerks acting for citizens."""


class TestAudit(staff_cases.AuditPromises):
    """The audit."""
