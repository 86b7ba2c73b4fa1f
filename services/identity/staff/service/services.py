"""All use cases of staff."""

from dataclasses import dataclass

from services.identity.staff.service.accounts import StaffAccounts
from services.identity.staff.service.audit import Audit
from services.identity.staff.service.login import StaffLogins
from services.identity.staff.service.members import Members
from services.identity.staff.service.second_factor import SecondFactors


@dataclass(frozen=True)
class StaffServices:
    """One of each; `wiring.staff_services` makes them."""

    audit: Audit
    members: Members
    accounts: StaffAccounts
    factors: SecondFactors
    logins: StaffLogins
