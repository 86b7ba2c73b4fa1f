"""All stores of the service, on one database."""

import dataclasses
from dataclasses import dataclass

from services.identity.accounts.store.accesses import AccessTrailStore
from services.identity.accounts.store.citizens import CitizenStore
from services.identity.accounts.store.sessions import SessionStore
from services.identity.accounts.store.staff import PublishedMemberStore, StaffStore
from services.identity.accounts.store.throttles import ThrottleStore
from services.identity.codes.store.challenges import ChallengeStore
from services.identity.keys.store.keys import KeyStore
from services.identity.sessions.store.devices import DeviceStore
from services.identity.settings import IdentitySettings
from services.identity.staff.store.audit import AuditStore
from services.identity.staff.store.departments import DepartmentSecretStore, NotedActStore
from services.identity.staff.store.login_steps import LoginStepStore
from shared.mongo import Database, ServerClock


@dataclass(frozen=True)
class IdentityStores:
    """One store of each kind."""

    citizens: CitizenStore
    departments: DepartmentSecretStore
    noted_acts: NotedActStore
    accesses: AccessTrailStore
    challenges: ChallengeStore
    throttles: ThrottleStore
    sessions: SessionStore
    devices: DeviceStore
    staff: StaffStore
    published: PublishedMemberStore
    steps: LoginStepStore
    audit: AuditStore
    keys: KeyStore

    @classmethod
    def on(cls, database: Database, clock: ServerClock, settings: IdentitySettings) -> "IdentityStores":
        """The stores of a database."""
        marks = {"lease": settings.relay_lease, "settle_after": settings.settle_after}
        return cls(
            citizens=CitizenStore(database["citizens"], clock, **marks),
            departments=DepartmentSecretStore(database["departments"], clock, **marks),
            noted_acts=NotedActStore(database["noted_acts"], clock, **marks),
            accesses=AccessTrailStore(database["accesses"], clock, **marks),
            challenges=ChallengeStore(database),
            throttles=ThrottleStore(database),
            sessions=SessionStore(database),
            devices=DeviceStore(database),
            staff=StaffStore(database),
            published=PublishedMemberStore(database["staff_names"], clock, **marks),
            steps=LoginStepStore(database),
            audit=AuditStore(database),
            keys=KeyStore(database),
        )

    async def create_indexes(self) -> None:
        """Create the indexes of all stores."""
        for field in dataclasses.fields(self):
            store = getattr(self, field.name)
            if store is not self.keys:  # it has one document
                await store.create_indexes()
