"""The stores of identity in memory, with the same promises: unique values, revisions, atomic counters."""

import copy
import dataclasses
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from services.identity.accounts.models.challenge import MAX_TRIES_PER_CODE, Challenge, Purpose
from services.identity.accounts.models.citizen import Citizen
from services.identity.accounts.models.device import DEVICE_LIFE, Device
from services.identity.accounts.models.session import Session, lifetime_of
from services.identity.accounts.models.staff import DepartmentSecret
from services.identity.accounts.models.throttle import Rule, Tries
from services.identity.keys.models.keys import SigningKey
from shared.records import Record

R = TypeVar("R", bound=Record)


class FakeRecords(Generic[R]):
    """Records of one kind as documents, guarded by their revision."""

    kind: type[R]
    unique: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.documents: dict[str, dict[str, Any]] = {}

    async def get(self, record_id: str) -> R | None:
        """The record, or None."""
        found = self.documents.get(record_id)
        return self.kind.of(copy.deepcopy(found)) if found else None

    async def load_many(self, ids: Collection[str]) -> dict[str, R]:
        """The existing records, by id."""
        return {i: self.kind.of(copy.deepcopy(self.documents[i])) for i in ids if i in self.documents}

    async def insert_many(self, records: Sequence[R]) -> list[str | None]:
        """None for each inserted record, or the unique field that it violates."""
        return [self._insert(record) for record in records]

    async def save_many(self, records: Sequence[R]) -> set[str]:
        """Save records; returns the ids of those that another writer changed first."""
        return {record.id for record in records if not self._save(record)}

    def find(self, **fields: str) -> list[R]:
        """The records that have any of these values."""
        documents = [d for d in self.documents.values() if any(d[name] == value for name, value in fields.items())]
        return [self.kind.of(copy.deepcopy(document)) for document in documents]

    def _insert(self, record: R) -> str | None:
        clash = self._clash(record)
        if clash is None:
            self._write(record, [])
        return clash

    def _save(self, record: R) -> bool:
        stored = self.documents.get(record.id)
        if record.stored:
            if stored is None or stored["rev"] != record.rev:
                return False
        elif stored is not None:
            return False
        if self._taken(record) is not None:
            return False
        self._write(record, stored["events"] if stored else [])
        return True

    def _write(self, record: R, events: list[dict[str, Any]]) -> None:
        self.documents[record.id] = copy.deepcopy(
            {
                "_id": record.id,
                **record.fields(),
                "rev": record.rev + 1,
                "seq": record.seq,
                "events": events + [envelope.entry() for envelope in record.emitted],
            }
        )

    def _clash(self, record: R) -> str | None:
        return "_id" if record.id in self.documents else self._taken(record)

    def _taken(self, record: R) -> str | None:
        """The unique field whose value another record has."""
        for name in self.unique:
            for document in self.documents.values():
                if document["_id"] != record.id and document[name] == getattr(record, name):
                    return name
        return None


class FakeCitizens(FakeRecords[Citizen]):
    """The accounts."""

    kind = Citizen
    unique = ("cnic_index", "mobile_index")

    async def owners(self, cnic_index: str, mobile_index: str) -> list[Citizen]:
        """The accounts that hold the CNIC or the mobile."""
        return self.find(cnic_index=cnic_index, mobile_index=mobile_index)

    async def by_index(self, index: str) -> Citizen | None:
        """The account that holds it."""
        return next(iter(self.find(cnic_index=index, mobile_index=index)), None)

    async def claim_checks(self, limit: int, again: timedelta) -> list[Citizen]:
        """The accounts to ask the registry about; this fake ignores times."""
        due = [document for document in self.documents.values() if document.get("check_at")]
        return [Citizen.of(copy.deepcopy(document)) for document in due[:limit]]

    async def forget_undos(self, now: datetime) -> None:
        """Forget old mobiles."""
        for document in self.documents.values():
            document["mobile_undos"] = [undo for undo in document["mobile_undos"] if undo["until"] >= now]

    async def unproven(self, before: datetime, limit: int) -> list[Citizen]:
        """Unproven registrations from before that time."""
        found = [d for d in self.documents.values() if not d["verified_at"] and not d["erased_at"]]
        return [Citizen.of(copy.deepcopy(d)) for d in found if d["registered_at"] < before][:limit]

    async def by_undo(self, index: str) -> Citizen | None:
        """The account whose change of mobile this code undoes."""
        found = [d for d in self.documents.values() if any(undo["index"] == index for undo in d["mobile_undos"])]
        return Citizen.of(copy.deepcopy(found[0])) if found else None

    async def by_reset(self, challenge: str) -> Citizen | None:
        """The account whose password this token resets."""
        for document in self.documents.values():
            if document["reset"] and document["reset"]["challenge"] == challenge:
                return Citizen.of(copy.deepcopy(document))
        return None

    async def ending(self, limit: int) -> list[Citizen]:
        """Accounts whose sessions must still be ended."""
        found = [document for document in self.documents.values() if document["ending"]]
        return [Citizen.of(copy.deepcopy(document)) for document in found[:limit]]

    async def by_delivery(self, challenge: str) -> Citizen | None:
        """The account that has the delivery of this code."""
        for document in self.documents.values():
            if any(sent["challenge"] == challenge for sent in document["deliveries"]):
                return Citizen.of(copy.deepcopy(document))
        return None

    async def by_challenge(self, challenge: str) -> Citizen | None:
        """The account of a challenge."""
        for document in self.documents.values():
            if any(code["challenge"] == challenge for code in document["codes"]):
                return Citizen.of(copy.deepcopy(document))
        return None


class FakeDepartments(FakeRecords[DepartmentSecret]):
    """The copy of the departments."""

    kind = DepartmentSecret

    async def ended_since(self, since: datetime) -> list[DepartmentSecret]:
        """Departments whose secrets ended since that time."""
        known = [DepartmentSecret.of(copy.deepcopy(found)) for found in self.documents.values()]
        return [department for department in known if any(end["at"] >= since for end in department.ended)]

    async def with_acts(self) -> list[DepartmentSecret]:
        """Departments with acts that are not yet in the audit."""
        return [DepartmentSecret.of(copy.deepcopy(found)) for found in self.documents.values() if found["acts"]]


class FakeChallenges:
    """The challenges."""

    def __init__(self) -> None:
        self.kept: dict[str, Challenge] = {}
        self.touched = 0

    async def get(self, challenge_id: str, purpose: Purpose) -> Challenge | None:
        """The challenge, or None."""
        found = self.kept.get(challenge_id)
        return found if found and found.purpose == purpose else None

    async def open(self, challenge: Challenge) -> bool:
        """Insert a challenge; False if the id is taken."""
        return self.kept.setdefault(challenge.id, challenge) is challenge

    async def replace(self, old: Challenge, new: Challenge) -> bool:
        """Replace a challenge; False if another code was sent meanwhile."""
        present = self.kept.get(old.id)
        if present is None or present.sends != old.sends:
            return False
        self.kept[old.id] = dataclasses.replace(present, sends=new.sends, tries=0)
        return True

    async def claim_try(self, challenge_id: str) -> bool:
        """Count a try; False if none is left."""
        present = self.kept.get(challenge_id)
        if present is None or present.tries >= MAX_TRIES_PER_CODE:
            return False
        self.kept[challenge_id] = dataclasses.replace(present, tries=present.tries + 1)
        return True

    async def touch(self, challenge_id: str) -> None:
        """Do nothing."""
        self.touched += 1


class FakeThrottles:
    """The counters of attempts."""

    def __init__(self) -> None:
        self.kept: dict[str, Tries] = {}

    async def claim(self, key: str, rule: Rule, now: datetime) -> datetime | None:
        """Count an attempt if it is allowed."""
        wait = await self.wait(key, rule, now)
        if wait is None:
            self.kept[key] = rule.count(self.kept.get(key, Tries()), now)
        return wait

    async def wait(self, key: str, rule: Rule, now: datetime) -> datetime | None:
        """When the next attempt is allowed."""
        return rule.wait(self.kept.get(key, Tries()), now)

    async def give_back(self, key: str, rule: Rule, now: datetime) -> None:
        """Uncount an attempt."""
        if key in self.kept:
            self.kept[key] = rule.uncount(self.kept[key], now)

    async def clear(self, key: str) -> None:
        """Reset the counter."""
        self.kept.pop(key, None)


class FakeSessions:
    """Sessions and their refresh tokens."""

    def __init__(self) -> None:
        self.kept: dict[str, Session] = {}
        self.spent: dict[str, str] = {}
        self.ended: dict[str, datetime] = {}

    async def add(self, session: Session) -> None:
        """Keep it."""
        self.kept[session.id] = session

    async def alive(self, session_id: str, now: datetime) -> bool:
        """Whether it runs."""
        session = self.kept.get(session_id)
        return session is not None and session_id not in self.ended and session.idle_until > now < session.ends_at

    async def rotate(self, secret: str, new_secret: str, now: datetime) -> Session | None:
        """Exchange the token."""
        for session in self.kept.values():
            if session.secret == secret and await self.alive(session.id, now):
                self.spent[secret] = session.id
                idle_until = min(now + lifetime_of(session.role).idle, session.ends_at)
                self.kept[session.id] = dataclasses.replace(
                    session, secret=new_secret, idle_until=idle_until, used_at=now
                )
                return self.kept[session.id]
        return None

    async def given_since(self, secret: str, device: str, since: datetime, now: datetime) -> Session | None:
        """A session with this unused token, issued since that time."""
        for session in self.kept.values():
            known = session.secret == secret and session.device == device and await self.alive(session.id, now)
            if known and session.used_at is not None and session.used_at > since:
                return session
        return None

    async def end_spent(self, secret: str, now: datetime) -> str | None:
        """End the session of a spent token."""
        if secret in self.spent:
            await self.end(self.spent[secret], now)
        return self.spent.get(secret)

    async def end(self, session_id: str, now: datetime) -> None:
        """End it."""
        self.ended.setdefault(session_id, now)

    async def end_own(self, account: str, session_id: str, now: datetime) -> bool:
        """End one of an account."""
        own = await self.alive(session_id, now) and self.kept[session_id].account == account
        if own:
            await self.end(session_id, now)
        return own

    async def end_all(self, account: str, now: datetime, keep: str | None = None) -> None:
        """End all of an account but one."""
        own = [session for session in self.kept.values() if session.account == account and session.id != keep]
        for session in own:
            await self.end(session.id, now)

    async def of_account(self, account: str, now: datetime) -> list[Session]:
        """The active sessions of an account, newest first."""
        own = [s for s in self.kept.values() if s.account == account and await self.alive(s.id, now)]
        return sorted(own, key=lambda session: session.opened_at, reverse=True)

    async def ended_since(self, since: datetime) -> list[str]:
        """The sessions that were ended since that time."""
        return [session for session, at in self.ended.items() if at >= since]


class FakeDevices:
    """The known devices."""

    def __init__(self) -> None:
        self.kept: dict[str, Device] = {}

    async def add(self, device: Device) -> None:
        """Keep it."""
        self.kept[device.id] = device

    async def use(self, secret: str, now: datetime) -> Device | None:
        """The one with that token."""
        for device in self.kept.values():
            if device.secret == secret and device.used_at > now - DEVICE_LIFE:
                self.kept[device.id] = dataclasses.replace(device, used_at=now)
                return self.kept[device.id]
        return None

    async def of_account(self, account: str) -> list[Device]:
        """Those of an account."""
        own = [device for device in self.kept.values() if device.account == account]
        return sorted(own, key=lambda device: device.used_at, reverse=True)

    async def forget(self, account: str, device_id: str) -> bool:
        """Forget one."""
        device = self.kept.get(device_id)
        return device is not None and device.account == account and bool(self.kept.pop(device_id))

    async def forget_all(self, account: str) -> None:
        """Forget all."""
        self.kept = {key: device for key, device in self.kept.items() if device.account != account}


class FakeKeys:
    """The signing keys."""

    def __init__(self) -> None:
        self.kept: list[SigningKey] = []
        self.away: Exception | None = None

    async def all(self) -> list[SigningKey]:
        """Newest first."""
        if self.away:
            raise self.away
        return list(self.kept)

    async def add(self, key: SigningKey, newest: str | None) -> None:
        """Add a key."""
        if newest == (self.kept[0].kid if self.kept else None):
            self.kept = [key, *self.kept][:2]
