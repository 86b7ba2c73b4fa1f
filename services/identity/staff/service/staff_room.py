"""All use cases of staff, wired to one set of stores."""

from dataclasses import dataclass

from services.identity.accounts.hashing import Hasher
from services.identity.accounts.ports import AuditEntries, LoginSteps, PublishedMembers, Sessions, Staff, Throttles
from services.identity.accounts.service.accounts import Accounts
from services.identity.codes.service.proving import Proving
from services.identity.staff.service.audit import Audit
from services.identity.staff.service.second_factor import SecondFactors
from services.identity.staff.service.staff import StaffOffice
from services.identity.staff.service.staff_changes import StaffChanges
from services.identity.staff.service.staff_login import StaffLogins
from services.identity.staff.service.staff_passwords import StaffPasswords
from services.identity.staff.service.staff_settling import StaffSettling
from shared.clock import Clock
from shared.seal import KeyRing


@dataclass(frozen=True)
class StaffStores:
    """What staff is kept in, and what of others it touches."""

    staff: Staff
    published: PublishedMembers
    sessions: Sessions
    steps: LoginSteps
    entries: AuditEntries
    throttles: Throttles


class StaffRoom:
    """The use cases. `totp_required`: see `StaffLogins`; `chosen_passwords`: see `StaffOffice`."""

    def __init__(
        self,
        stores: StaffStores,
        accounts: Accounts,
        hasher: Hasher,
        keys: KeyRing,
        clock: Clock,
        *,
        totp_required: bool,
        chosen_passwords: bool,
    ) -> None:
        self.audit = Audit(stores.entries, keys)
        self.settling = StaffSettling(
            stores.staff, stores.published, stores.sessions, stores.steps, self.audit, keys, clock
        )
        self.office = StaffOffice(stores.staff, self.settling, hasher, keys, clock, chosen_passwords=chosen_passwords)
        proving = Proving(accounts, stores.throttles, hasher, clock)
        self.changes = StaffChanges(self.settling, proving, hasher, clock)
        alone = not chosen_passwords and not totp_required
        self.passwords = StaffPasswords(stores.staff, self.settling, proving, hasher, clock, alone_is_long=alone)
        self.factors = SecondFactors(self.settling, stores.throttles, keys, clock)
        self.logins = StaffLogins(accounts, stores.steps, self.factors, clock, required=totp_required)
