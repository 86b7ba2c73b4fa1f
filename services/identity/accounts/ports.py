"""What the use cases need of the stores; `services.identity.store` has all of them on MongoDB."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from services.identity.accounts.models.audit import Entry
from services.identity.accounts.models.challenge import Challenge, Purpose
from services.identity.accounts.models.citizen import Citizen
from services.identity.accounts.models.device import Device
from services.identity.accounts.models.login_step import LoginStep
from services.identity.accounts.models.session import Session
from services.identity.accounts.models.staff import DepartmentSecret, PublishedMember, StaffMember
from services.identity.accounts.models.throttle import Rule


class Citizens(Protocol):
    """The accounts; CNIC and mobile are unique by their blind index."""

    async def get(self, record_id: str) -> Citizen | None:
        """The account, or None."""

    async def owners(self, cnic_index: str, mobile_index: str) -> list[Citizen]:
        """The accounts that hold this CNIC or this mobile: none, one or two."""

    async def by_index(self, index: str) -> Citizen | None:
        """The account with this CNIC or mobile."""

    async def claim_checks(self, limit: int, again: timedelta) -> list[Citizen]:
        """Accounts about which the registry is to be asked now; after `again` they are due once more."""

    async def forget_undos(self, now: datetime) -> None:
        """Forget old mobiles to which nobody can go back any more."""

    async def unproven(self, before: datetime, limit: int) -> list[Citizen]:
        """Registrations from before that moment which nobody has proven, oldest first."""

    async def by_undo(self, index: str) -> Citizen | None:
        """The account whose change of mobile is undone by the code with this blind index."""

    async def by_reset(self, challenge: str) -> Citizen | None:
        """The account whose password may be chosen by this challenge."""

    async def ending(self, limit: int) -> list[Citizen]:
        """Accounts whose sessions are still to be ended."""

    async def by_delivery(self, challenge: str) -> Citizen | None:
        """The account to which codes of this challenge were sent within a day."""

    async def by_challenge(self, challenge: str) -> Citizen | None:
        """The account that this challenge is about."""

    async def insert_many(self, records: Sequence[Citizen]) -> list[str | None]:
        """Insert new accounts; for each None, or the unique index in its way."""

    async def save_many(self, records: Sequence[Citizen]) -> set[str]:
        """Write each account where its revision is still the stored one; the ids that lost the race."""


class Challenges(Protocol):
    """What codes are asked for, and how often they were sent and tried."""

    async def get(self, challenge_id: str, purpose: Purpose) -> Challenge | None:
        """The challenge if it is of that purpose, or None."""

    async def open(self, challenge: Challenge) -> bool:
        """Keep a new challenge; False when one with this id is there."""

    async def replace(self, old: Challenge, new: Challenge) -> bool:
        """Note that another code is sent, unless one was sent since `old` was read."""

    async def claim_try(self, challenge_id: str) -> bool:
        """Count one try of the newest code, atomically; False when there is none left, or no such challenge."""

    async def touch(self, challenge_id: str) -> None:
        """A write that changes nothing of meaning, for those who are not known."""


class Throttles(Protocol):
    """How often something was tried, by the rules of `models.throttle`."""

    async def claim(self, key: str, rule: Rule, now: datetime) -> datetime | None:
        """Count one try, atomically: None when there was room for it, else from when there is."""

    async def wait(self, key: str, rule: Rule, now: datetime) -> datetime | None:
        """When there is room for another try; None when there is room now."""

    async def give_back(self, key: str, rule: Rule, now: datetime) -> None:
        """Count one less, and undo the lock that it may have brought."""

    async def clear(self, key: str) -> None:
        """Start anew."""


class Sessions(Protocol):
    """Sessions and their refresh tokens, as hashes."""

    async def add(self, session: Session) -> None:
        """Keep a new session."""

    async def alive(self, session_id: str, now: datetime) -> bool:
        """Whether it was not ended and has not run out."""

    async def rotate(self, secret: str, new_secret: str, now: datetime) -> Session | None:
        """Exchange the refresh token, atomically; the session, or None when that token is not good."""

    async def given_since(self, secret: str, device: str, since: datetime, now: datetime) -> Session | None:
        """The running session of a device whose refresh token is this one, unused, and given out since then."""

    async def end_spent(self, secret: str, now: datetime) -> str | None:
        """End the session that once had this refresh token; its id."""

    async def end(self, session_id: str, now: datetime) -> None:
        """End it."""

    async def end_own(self, account: str, session_id: str, now: datetime) -> bool:
        """End one session of an account; False when it has no such session."""

    async def end_all(self, account: str, now: datetime, keep: str | None = None) -> None:
        """End every session of an account but the one to keep."""

    async def of_account(self, account: str, now: datetime) -> list[Session]:
        """The running sessions of an account, newest first."""

    async def ended_since(self, since: datetime) -> list[str]:
        """The ids of sessions that were ended since then."""


class DeviceRecords(Protocol):
    """Devices that were proven."""

    async def add(self, device: Device) -> None:
        """Keep a new one."""

    async def use(self, secret: str, now: datetime) -> Device | None:
        """The device with that token, used now; None when there is none, or not for long."""

    async def of_account(self, account: str) -> list[Device]:
        """The devices of an account, the one used last first."""

    async def forget(self, account: str, device_id: str) -> bool:
        """Forget one of an account; False when it has no such device."""

    async def forget_all(self, account: str) -> None:
        """Forget every one of an account."""


class Staff(Protocol):
    """Those who work here."""

    async def get(self, staff_id: str) -> StaffMember | None:
        """The member, or None."""

    async def by_login(self, login: str) -> StaffMember | None:
        """The member with that login."""

    async def by_key(self, key: str) -> StaffMember | None:
        """The member that was made with that key."""

    async def add(self, member: StaffMember) -> bool:
        """Keep a new member; False when the login is taken, or the key."""

    async def save(self, member: StaffMember) -> bool:
        """Write a member where the revision is still the stored one; False when somebody was quicker."""

    async def page(self, after: tuple[datetime, str] | None, limit: int) -> list[StaffMember]:
        """Members in the order of their making, from after that place on."""

    async def unsettled(self, limit: int) -> list[StaffMember]:
        """Members whose last change has left something to do."""

    async def settled(self, member: StaffMember) -> None:
        """Note that all is done that this revision of the member has left to do."""

    async def set_password(self, staff_id: str, old: str, new: str) -> None:
        """Exchange the hash if it is still the old one."""

    async def has_admin(self) -> bool:
        """Whether there is an administrator who may log in."""


class PublishedMembers(Protocol):
    """What other services were told of members of staff."""

    async def get(self, record_id: str) -> PublishedMember | None:
        """What was published of a member, or None."""

    async def save_many(self, records: Sequence[PublishedMember]) -> set[str]:
        """Write each where its revision is still the stored one; the ids that lost the race."""


class LoginSteps(Protocol):
    """Logins that wait for the second factor."""

    async def open(self, step: LoginStep) -> None:
        """Keep a new one."""

    async def get(self, step_id: str, now: datetime) -> LoginStep | None:
        """The one that waits, or None."""

    async def use_up(self, step_id: str) -> bool:
        """End it; False when somebody else did."""

    async def end_all(self, account: str) -> None:
        """End every one of an account."""


class AuditEntries(Protocol):
    """The chain of administrative acts."""

    async def last(self) -> Entry | None:
        """The newest entry."""

    async def has(self, act_id: str) -> bool:
        """Whether the act was entered."""

    async def add(self, entry: Entry) -> bool:
        """Insert an entry; False when its number is taken, or its act was entered already."""

    async def head(self) -> int:
        """The highest number that was given out."""

    async def page(self, before: int | None, limit: int) -> list[Entry]:
        """Entries, newest first, below that number."""

    async def after(self, n: int, limit: int) -> list[Entry]:
        """Entries in order, from after that number on."""


class DepartmentSecrets(Protocol):
    """The copy of the departments."""

    async def get(self, record_id: str) -> DepartmentSecret | None:
        """The department with that code, or None."""

    async def load_many(self, ids: Collection[str]) -> dict[str, DepartmentSecret]:
        """Those that exist, by code."""

    async def ended_since(self, since: datetime) -> list[DepartmentSecret]:
        """Departments with secrets that ended since then."""

    async def with_acts(self) -> list[DepartmentSecret]:
        """Departments with acts that are not known to be in the audit yet."""

    async def save_many(self, records: Sequence[DepartmentSecret]) -> set[str]:
        """Write each where its revision is still the stored one; the codes that lost the race."""
