"""The only part of this service that knows MongoDB: indexes and queries, one file for each collection."""

from services.identity.store.accesses import AccessStore
from services.identity.store.audit import AuditStore
from services.identity.store.challenges import ChallengeStore
from services.identity.store.citizens import CitizenStore
from services.identity.store.departments import DepartmentStore
from services.identity.store.devices import DeviceStore
from services.identity.store.keys import KeyStore
from services.identity.store.login_steps import LoginStepStore
from services.identity.store.sessions import SessionStore
from services.identity.store.staff import PublishedMemberStore, StaffStore
from services.identity.store.stores import Stores
from services.identity.store.throttles import ThrottleStore

__all__ = [
    "AccessStore",
    "AuditStore",
    "ChallengeStore",
    "CitizenStore",
    "DepartmentStore",
    "DeviceStore",
    "KeyStore",
    "LoginStepStore",
    "PublishedMemberStore",
    "SessionStore",
    "StaffStore",
    "Stores",
    "ThrottleStore",
]
