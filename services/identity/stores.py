"""All stores of the service, on one database."""

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


class IdentityStores:
    """One store of each kind."""

    def __init__(self, database: Database, clock: ServerClock, settings: IdentitySettings) -> None:
        marks = {"lease": settings.relay_lease, "settle_after": settings.settle_after}
        self.citizens = CitizenStore(database["citizens"], clock, **marks)
        self.departments = DepartmentSecretStore(database["departments"], clock, **marks)
        self.noted_acts = NotedActStore(database["noted_acts"], clock, **marks)
        self.accesses = AccessTrailStore(database["accesses"], clock, **marks)
        self.challenges = ChallengeStore(database)
        self.throttles = ThrottleStore(database)
        self.sessions = SessionStore(database)
        self.devices = DeviceStore(database)
        self.staff = StaffStore(database)
        self.published = PublishedMemberStore(database["staff_names"], clock, **marks)
        self.steps = LoginStepStore(database)
        self.audit = AuditStore(database)
        self.keys = KeyStore(database)

    async def create_indexes(self) -> None:
        """Create the indexes of all stores."""
        for store in vars(self).values():
            if hasattr(store, "create_indexes"):
                await store.create_indexes()
