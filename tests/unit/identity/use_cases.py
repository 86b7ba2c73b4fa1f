"""Tests of the use cases, on stores in memory; some also run on MongoDB."""

import asyncio
import base64
import dataclasses
import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.identity.accounts.models.citizen import Citizen
from services.identity.accounts.models.staff import DepartmentSecret
from services.identity.accounts.models.throttle import LOGIN_FAILURES
from services.identity.codes.service.codes import CodeFailedError
from services.identity.handlers import HANDLERS
from services.identity.sessions.service.sessions import LoginFailedError
from services.identity.staff.service.accounts import NewMember
from shared.auth import Principal
from shared.envelope import Envelope
from shared.errors import ConflictError, InvalidError, TooManyRequestsError, UnauthenticatedError
from shared.events import CitizenErased, DepartmentCreated
from shared.rights import Role
from shared.seal import SealPurpose
from tests.unit.identity.world import World, also_over_mongodb, new_address, new_form, outcomes

ADMIN = NewMember("admin.one", "Nadia", Role.ADMIN, None, "a password for nadia")
OFFICER = NewMember("officer.water", "Bilal", Role.OFFICER, "water", "seven brass kettles")


class RegistrationPromises:
    """Registering and proving the mobile."""

    async def test_a_new_citizen_gets_a_code_and_is_verified_by_it(self, world: World) -> None:
        form = new_form()
        pending = await world.registrations.register(form)
        assert pending.resend_after == 30
        assert [issued.counter for issued in await world.issued_codes(form)] == [None]
        assert await world.types_said(form) == ["registered", "code_issued"]
        await world.registrations.verify(pending.id, await world.code_for(form))
        assert await world.types_said(form) == ["registered", "code_issued", "verified"]

    @also_over_mongodb
    @pytest.mark.parametrize("same", ["cnic", "mobile"])
    async def test_known_cnic_or_mobile_gets_the_same_answer_and_notifies_the_owner(
        self, world: World, same: str
    ) -> None:
        owner = await world.verified()
        other = dataclasses.replace(new_form(), **{same: getattr(owner, same)})
        pending = await world.registrations.register(other)
        assert pending.resend_after == 30
        assert len(pending.id) == 40
        assert (await world.types_said(owner))[-1] == "registration_repeated"
        with pytest.raises(CodeFailedError):
            await world.registrations.verify(pending.id, "123456")

    async def test_the_owner_is_told_once_an_hour(self, world: World) -> None:
        owner = await world.verified()
        for _ in range(3):
            await world.registrations.register(owner)
        world.clock.forward(minutes=59)
        await world.registrations.register(owner, new_address())
        assert (await world.types_said(owner)).count("registration_repeated") == 1
        world.clock.forward(minutes=2)
        await world.registrations.register(owner)
        assert (await world.types_said(owner)).count("registration_repeated") == 2

    @also_over_mongodb
    async def test_the_owner_is_told_also_when_another_write_is_quicker(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        owner = await world.verified()
        find = world.stores.citizens.owners

        async def outdated(cnic_index: str, mobile_index: str) -> list[Citizen]:
            found = await find(cnic_index, mobile_index)
            monkeypatch.undo()
            assert not await world.stores.citizens.save_many(await find(cnic_index, mobile_index))
            return found

        monkeypatch.setattr(world.stores.citizens, "owners", outdated)
        await world.registrations.register(owner, new_address())
        assert (await world.types_said(owner))[-1] == "registration_repeated"

    @also_over_mongodb
    async def test_both_owners_are_notified_when_cnic_and_mobile_belong_to_two_people(self, world: World) -> None:
        one, two = await world.verified(), await world.verified()
        await world.registrations.register(new_form(cnic=one.cnic, mobile=two.mobile))
        assert (await world.types_said(one))[-1] == "registration_repeated"
        assert (await world.types_said(two))[-1] == "registration_repeated"

    @also_over_mongodb
    async def test_an_idempotency_key_gives_the_same_registration_again(self, world: World) -> None:
        form = new_form()
        first = await world.registrations.register(form, new_address(), "key-1")
        world.clock.forward(seconds=10)
        again = await world.registrations.register(form, new_address(), "key-1")
        assert (again.id, again.resend_after) == (first.id, 20)
        await world.registrations.verify(again.id, await world.code_for(form))
        assert await world.types_said(form) == ["registered", "code_issued", "verified"]
        assert (await world.registrations.register(form, new_address(), "key-1")).id == first.id
        assert await world.types_said(form) == ["registered", "code_issued", "verified"]

    async def test_an_idempotency_key_is_bound_to_cnic_and_mobile(self, world: World) -> None:
        first = await world.registrations.register(new_form(), new_address(), "key-1")
        assert (await world.registrations.register(new_form(), new_address(), "key-1")).id != first.id

    @also_over_mongodb
    async def test_parallel_registrations_of_one_cnic_make_one_account(self, world: World) -> None:
        form = new_form()
        forms = [form, *(dataclasses.replace(form, mobile=new_form().mobile) for _ in range(19))]
        done, raised = await outcomes(*(world.registrations.register(each) for each in forms))
        assert (len(done), raised) == (20, [])
        owners = [
            await world.stores.citizens.by_index(world.ring.blind(f.mobile, SealPurpose.CITIZEN_MOBILE)) for f in forms
        ]
        assert len([owner for owner in owners if owner]) == 1


class LapsePromises:
    """A registration that was not proven frees its CNIC and mobile after a time."""

    async def test_reset_is_valid_for_ten_minutes(self, world: World) -> None:
        form = new_form()
        await world.registrations.register(form)
        world.clock.forward(minutes=9)
        again = await world.registrations.register(form)
        with pytest.raises(CodeFailedError):
            await world.registrations.verify(again.id, await world.code_for(form))

    async def test_repeated_registration_is_sent_the_code_again(self, world: World) -> None:
        unproven, proven = new_form(), await world.verified()
        await world.registrations.register(unproven)
        for form, told in ((unproven, {"unproven": True}), (proven, {})):
            await world.registrations.register(form)
            assert json.loads((await world.published(form))[-1].data) == told

    async def test_then_the_same_person_registers_again(self, world: World) -> None:
        form = new_form()
        old = await world.registrations.register(form)
        old_code = await world.code_for(form)
        world.clock.forward(minutes=11)
        renewed = dataclasses.replace(form, password="another long sentence", name="Ayesha K")
        new = await world.registrations.register(renewed)
        with pytest.raises(CodeFailedError):
            await world.registrations.verify(old.id, old_code)
        await world.registrations.verify(new.id, await world.code_for(form))
        assert (await world.logged_in(renewed)).role is Role.CITIZEN
        with pytest.raises(LoginFailedError):
            await world.logged_in(form)

    async def test_next_user_of_a_device_gets_no_data_of_the_previous_one(self, world: World) -> None:
        before = new_form()
        old = await world.registrations.register(before)
        world.clock.forward(minutes=11)
        after = new_form(cnic=before.cnic)
        await world.registrations.register(after)
        await world.codes.resend("register", old.id, new_address())
        assert len(await world.issued_codes(after)) == 2
        citizen = await world.citizen(after)
        assert len(citizen.codes) == len(citizen.deliveries) == 1
        await world.registrations.register(after, new_address())
        assert (await world.types_said(after))[-1] == "registration_repeated"

    async def test_same_key_returns_the_same_answer(self, world: World) -> None:
        form = new_form()
        first = await world.registrations.register(form, new_address(), "key")
        world.clock.forward(minutes=11)
        again = await world.registrations.register(form, new_address(), "key")
        assert (again.id, again.resend_after) == (first.id, 30)
        await world.registrations.verify(again.id, await world.code_for(form))

    async def test_nobody_holds_a_cnic_with_a_foreign_mobile(self, world: World) -> None:
        squatter = new_form()
        await world.registrations.register(squatter)
        world.clock.forward(minutes=11)
        owner = await world.verified(new_form(cnic=squatter.cnic))
        assert (await world.logged_in(owner)).account

    @also_over_mongodb
    async def test_new_registration_replaces_two_lapsed_ones(self, world: World) -> None:
        one, two = new_form(), new_form()
        await world.registrations.register(one)
        await world.registrations.register(two)
        world.clock.forward(minutes=11)
        form = await world.verified(new_form(cnic=one.cnic, mobile=two.mobile))
        by_cnic, by_mobile = (
            await world.login(form.cnic, form.password),
            await world.login(form.mobile, form.password),
        )
        assert by_cnic.account == by_mobile.account
        citizen = await world.citizen(form)
        assert world.ring.unseal(citizen.address, SealPurpose.CITIZEN_ADDRESS, owner=citizen.id) == form.address

    @also_over_mongodb
    async def test_replaced_registration_is_erased(self, world: World) -> None:
        one, two = new_form(), new_form()
        for form in (one, two):
            await world.registrations.register(form)
        kept, gone = await world.citizen(one), await world.citizen(two)
        world.clock.forward(minutes=11)
        await world.registrations.register(new_form(cnic=one.cnic, mobile=two.mobile), new_address())
        erased, opened = await world.stores.citizens.get(gone.id), await world.stores.citizens.get(kept.id)
        assert erased is not None
        assert opened is not None
        assert (erased.name, erased.stored["events"][-1]["type"]) == ("", CitizenErased.type)
        if "forget_to" in opened.stored:  # the stores in memory keep no such mark
            assert opened.stored["forget_to"] == kept.seq

    @also_over_mongodb
    async def test_unproven_registration_is_deleted_after_a_day(self, world: World) -> None:
        form, proven = new_form(), await world.verified()
        await world.registrations.register(form)
        citizen = await world.citizen(form)
        world.clock.forward(hours=23, minutes=59)
        assert await world.erasure.sweep() == 0
        world.clock.forward(minutes=2)
        assert [await world.erasure.sweep(), await world.erasure.sweep()] == [1, 0]
        left = await world.stores.citizens.get(citizen.id)
        assert left is not None
        assert (left.name, left.mobile, left.stored["events"][-1]["type"]) == ("", "", CitizenErased.type)
        assert (await world.logged_in(proven)).account

    async def test_a_verified_account_never_lapses(self, world: World) -> None:
        form = await world.verified()
        world.clock.forward(days=400)
        await world.registrations.register(dataclasses.replace(form, password="somebody else's words"))
        assert (await world.logged_in(form)).account


class SessionPromises:
    """Logging in, refreshing, logging out."""

    @also_over_mongodb
    async def test_cnic_and_mobile_in_any_spelling_lead_to_one_account(self, world: World) -> None:
        form = await world.verified()
        cnic, mobile = form.cnic, form.mobile.removeprefix("+92")
        logins = (cnic, f"{cnic[:5]}-{cnic[5:12]}-{cnic[12]}", f"0{mobile[:3]} {mobile[3:]}", f"0092{mobile}")
        granted = [await world.login(login, form.password) for login in logins]
        assert len({each.account for each in granted}) == 1
        assert (granted[0].expires_in, granted[0].refresh_expires_in, granted[0].role) == (600, 3600, Role.CITIZEN)

    async def test_unverified_account_cannot_log_in(self, world: World) -> None:
        form = new_form()
        await world.registrations.register(form)
        with pytest.raises(LoginFailedError):
            await world.logged_in(form)

    @also_over_mongodb
    @pytest.mark.parametrize("login", ["35202-9999999-1", "0300 9999999", "nobody.here", "", "\u0000$ne"])
    async def test_unknown_accounts_are_refused_and_throttled_like_known_ones(self, world: World, login: str) -> None:
        for _ in range(LOGIN_FAILURES.most):
            with pytest.raises(LoginFailedError):
                await world.login(login, "some password")
        with pytest.raises(TooManyRequestsError):
            await world.login(login, "some password")

    async def test_correct_password_is_locked_after_five_failures(self, world: World) -> None:
        form = await world.verified()
        for login in (form.cnic, form.mobile, form.cnic, form.mobile, form.cnic):
            with pytest.raises(LoginFailedError):
                await world.login(login, "not the password", known=False)
        with pytest.raises(TooManyRequestsError) as refused:
            await world.login(form.cnic, form.password, known=False)
        assert refused.value.headers["Retry-After"] == "900"
        world.clock.forward(minutes=15)
        assert (await world.logged_in(form)).account

    @also_over_mongodb
    async def test_five_of_parallel_guesses_are_checked(self, world: World) -> None:
        form = await world.verified()
        _, raised = await outcomes(*(world.login(form.cnic, f"guess number {n}", known=False) for n in range(200)))
        assert len([error for error in raised if isinstance(error, LoginFailedError)]) == LOGIN_FAILURES.most
        assert len([error for error in raised if isinstance(error, TooManyRequestsError)]) == 200 - LOGIN_FAILURES.most

    @also_over_mongodb
    async def test_a_login_clears_the_failures(self, world: World) -> None:
        form = await world.verified()
        for _ in range(3):
            await outcomes(*(world.login(form.cnic, "not the password") for _ in range(4)))
            assert (await world.logged_in(form)).account

    @also_over_mongodb
    async def test_session_ends_after_an_idle_hour(self, world: World) -> None:
        granted = await world.logged_in(await world.verified())
        world.clock.forward(minutes=59)
        granted = await world.logins.refresh(granted.refresh_token)
        world.clock.forward(minutes=60)
        with pytest.raises(UnauthenticatedError):
            await world.logins.refresh(granted.refresh_token)

    async def test_a_session_ends_after_twelve_hours_in_any_case(self, world: World) -> None:
        granted = await world.logged_in(await world.verified())
        for _ in range(14):
            world.clock.forward(minutes=50)
            granted = await world.logins.refresh(granted.refresh_token)
        assert granted.refresh_expires_in == 20 * 60
        world.clock.forward(minutes=15)
        granted = await world.logins.refresh(granted.refresh_token)
        assert granted.expires_in == 5 * 60
        claims = json.loads(base64.urlsafe_b64decode(granted.access_token.split(".")[1] + "=="))
        assert claims["exp"] == int(world.clock.now.timestamp()) + 5 * 60
        world.clock.forward(minutes=5)
        with pytest.raises(UnauthenticatedError):
            await world.logins.refresh(granted.refresh_token)


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
