"""The promises of `use_cases`, over the stores in memory."""

from tests.unit.identity import (
    address_cases,
    code_cases,
    counter_cases,
    day_cases,
    device_cases,
    household_cases,
    mobile_cases,
    password_cases,
    refresh_cases,
    second_factor_cases,
    staff_cases,
    takeover_cases,
    unproven_cases,
    use_cases,
)


class TestRegistration(use_cases.RegistrationPromises):
    """Registering."""


class TestLapse(use_cases.LapsePromises):
    """Registrations that nobody proved."""


class TestCodes(code_cases.CodePromises):
    """What a code is good for."""


class TestSends(code_cases.SendPromises):
    """How often a code is sent, and where to."""


class TestDays(day_cases.DayPromises):
    """What a number gets in a day."""


class TestResending(code_cases.ResendPromises):
    """Sending again while somebody answers."""


class TestLocks(code_cases.LockPromises):
    """Wrong codes."""


class TestResets(password_cases.ResetPromises):
    """A forgotten password."""


class TestChanges(password_cases.ChangePromises):
    """Another password."""


class TestMobiles(mobile_cases.MobilePromises):
    """Another mobile."""


class TestUnproven(unproven_cases.UnprovenPromises):
    """A code by email."""


class TestAnew(unproven_cases.AnewPromises):
    """An account that is opened anew."""


class TestHouseholds(household_cases.HouseholdPromises):
    """Several people and one phone."""


class TestNewPasswords(takeover_cases.NewPasswordPromises):
    """A password that was reset lately."""


class TestSilentNumbers(takeover_cases.SilentNumberPromises):
    """A number that may have gone to somebody else."""


class TestOwnSessions(password_cases.OwnSessionPromises):
    """One's own sessions."""


class TestDevices(device_cases.DevicePromises):
    """Known devices."""


class TestAddresses(address_cases.AddressPromises):
    """Addresses that people share."""


class TestLoginLimits(device_cases.LoginLimitPromises):
    """Counting logins."""


class TestDelivery(code_cases.DeliveryPromises):
    """What became of a code."""


class TestSessions(use_cases.SessionPromises):
    """Sessions."""


class TestRefreshing(refresh_cases.RefreshPromises):
    """Refresh tokens."""


class TestStaff(use_cases.StaffPromises):
    """Staff and departments."""


class TestStaffChanges(staff_cases.ChangePromises):
    """Changes of staff."""


class TestSecondFactor(second_factor_cases.SecondFactorPromises):
    """Second factors of staff."""


class TestCounter(counter_cases.CounterPromises):
    """What clerks do for citizens."""


class TestAudit(staff_cases.AuditPromises):
    """The audit of what was done."""
