"""Tests of accounts of staff and of departments' software, on stores in memory; some also run on MongoDB."""

import asyncio
import base64
import dataclasses
import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.identity.accounts.models.staff import DepartmentSecret
from services.identity.handlers import HANDLERS
from services.identity.sessions.service.sessions import LoginFailedError
from services.identity.staff.service.accounts import NewMember
from shared.auth import Principal
from shared.envelope import Envelope
from shared.errors import ConflictError, InvalidError
from shared.events import DepartmentCreated
from shared.rights import Role
from tests.unit.identity.world import World, also_over_mongodb

ADMIN = NewMember("admin.one", "Nadia", Role.ADMIN, None, "a password for nadia")
OFFICER = NewMember("officer.water", "Bilal", Role.OFFICER, "water", "seven brass kettles")


class StaffPromises:
    """Staff accounts and departments' software."""

    async def test_an_officer_logs_in_for_a_shorter_time(self, world: World) -> None:
        member = (await world.staff.accounts.add(OFFICER, by="admin")).member
        granted = await world.login(" Officer.Water ", OFFICER.password or "")
        assert (granted.account, granted.role, granted.department) == (member.id, Role.OFFICER, "water")
        assert granted.refresh_expires_in == 15 * 60
        assert (await world.logins.refresh(granted.refresh_token)).role is Role.OFFICER

    @also_over_mongodb
    async def test_a_login_is_given_once(self, world: World) -> None:
        await world.staff.accounts.add(OFFICER, by="admin")
        with pytest.raises(ConflictError):
            await world.staff.accounts.add(OFFICER, by="admin")

    @also_over_mongodb
    async def test_same_key_and_body_return_the_same_account(self, world: World) -> None:
        first = await world.staff.accounts.add(OFFICER, by="admin", idempotency_key="k")
        assert (await world.staff.accounts.add(OFFICER, by="admin", idempotency_key="k")).member.id == first.member.id
        with pytest.raises(ConflictError):
            await world.staff.accounts.add(OFFICER, by="admin", idempotency_key="other")
        changes: list[dict[str, Any]] = [{"name": "Zafar"}, {"counter": "Counter 9"}, {"login": "officer.other"}]
        for change in changes:
            with pytest.raises(InvalidError):
                await world.staff.accounts.add(dataclasses.replace(OFFICER, **change), by="admin", idempotency_key="k")
        assert await world.stores.staff.by_login("officer.other") is None

    @also_over_mongodb
    async def test_there_is_one_first_administrator(self, world: World) -> None:
        await asyncio.gather(*(world.staff.accounts.ensure_admin("admin", "the first password") for _ in range(4)))
        await world.staff.accounts.ensure_admin("admin.two", "the second password")
        assert (await world.login("admin", "the first password")).role is Role.ADMIN
        with pytest.raises(LoginFailedError):
            await world.login("admin.two", "the second password")

    async def test_own_data_is_unsealed_and_the_cnic_masked(self, world: World) -> None:
        form = await world.verified()
        granted = await world.logged_in(form)
        data = await world.accounts.own_data(Principal(granted.account, Role.CITIZEN, None, "", 0))
        assert (data["name"], data["mobile"], data["email"]) == (form.name, form.mobile, form.email)
        assert data["cnic"] == f"*****-*****{form.cnic[10:12]}-{form.cnic[12]}"
        assert data["verified"] is True

    async def test_own_data_of_staff(self, world: World) -> None:
        member = (await world.staff.accounts.add(OFFICER, by="admin")).member
        data = await world.accounts.own_data(Principal(member.id, Role.OFFICER, "water", "", 0))
        assert data == {
            "id": member.id, "role": "officer", "department": "water", "login": "officer.water", "name": "Bilal",
            "counter": None, "totp": False, "recovery_codes_left": None, "start_password": False,
        }  # fmt: skip

    @also_over_mongodb
    async def test_a_departments_software_gets_a_token_with_the_newest_secret(self, world: World) -> None:
        for secret in ("first secret", "second secret"):
            await take_department(world, "water", secret)
        assert await world.clients.access("department.water", "first secret") is None
        assert await world.clients.access("department.water", "second secret")
        assert await world.clients.access("water", "second secret") is None
        assert await world.clients.access("department.power", "") is None

    async def test_old_secret_is_valid_until_its_announced_end(self, world: World) -> None:
        await take_department(world, "water", "first secret")
        until = world.clock.now + timedelta(minutes=5)
        await take_department(world, "water", "second secret", old_until=until)
        token = await world.clients.access("department.water", "first secret")
        assert token
        assert claims_of(token)["exp"] == int(until.timestamp())
        assert await world.clients.access("department.water.2", "second secret")
        world.clock.now = until
        assert await world.clients.access("department.water", "first secret") is None
        assert await world.clients.access("department.water", "second secret")

    @also_over_mongodb
    async def test_a_secret_that_ended_ends_its_tokens(self, world: World) -> None:
        for secret in ("first secret", "second secret"):
            await take_department(world, "water", secret, old_until=world.clock.now + timedelta(hours=1))
        sessions = []
        for secret in ("first secret", "second secret"):
            sessions.append(claims_of(await world.clients.access("department.water", secret) or "")["sid"])
        assert await world.clients.ended() == []
        await take_department(world, "water", "third secret")
        assert set(await world.clients.ended()) == set(sessions)


def claims_of(token: str) -> dict[str, Any]:
    """The claims of a token, without checking the signature."""
    body = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return claims


async def take_department(world: World, code: str, secret: str, old_until: datetime | None = None) -> None:
    """Handle the event of a new department, or of renewed access."""
    department = await world.stores.departments.get(code) or DepartmentSecret(id=code)
    secret_hash = hashlib.sha256(secret.encode()).hexdigest()
    made = DepartmentCreated(name={"en": "Water"}, client_secret_sha256=secret_hash, old_until=old_until)
    envelope = Envelope("routing", DepartmentCreated.type, code, 1, world.clock.now, made.model_dump_json().encode())
    HANDLERS[DepartmentCreated.type](department, made, envelope)
    assert not await world.stores.departments.save_many([department])
