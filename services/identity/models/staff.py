"""Officers, heads and administrators, and the departments as identity knows them."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from shared.records import Record
from shared.rights import Role

LOGIN = re.compile(r"[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*")
DEPARTMENT = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


@dataclass(frozen=True)
class StaffMember:
    """Somebody who works here. `made_by_key` is the blind index of the Idempotency-Key of the making."""

    id: str
    login: str
    name: str
    role: Role
    department: str | None
    password: str
    made_at: datetime
    made_by: str
    made_by_key: str | None = None
    disabled: bool = False


@dataclass(kw_only=True, eq=False)
class Department(Record):
    """What identity knows of a department: the hash of the secret that its own software logs in with."""

    source: ClassVar[str] = "identity"

    client_secret_sha256: str = ""
