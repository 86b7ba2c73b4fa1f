"""Tests of changes of staff and their audit, on stores in memory; some also run on MongoDB."""

import asyncio
import dataclasses
import json
from typing import Any

import pytest

from services.identity.accounts.models.audit import AuditedAct, What
from services.identity.accounts.models.staff import PublishedMember, StaffMember
from services.identity.sessions.service.sessions import GrantedTokens, LoginFailedError
from services.identity.staff.service.accounts import OPERATOR, NewMember
from shared.errors import ConflictError, InvalidError, NotFoundError, TooManyRequestsError, UnauthenticatedError
from shared.events import StaffNamed
from shared.rights import Role
from tests.unit.identity.world import World, also_over_mongodb

SECRET = "seven brass kettles"


async def made(world: World, role: Role = Role.OFFICER, *, by: str = "first", login: str = "zafar") -> StaffMember:
    """A member of that role."""
    department = "water" if role in (Role.OFFICER, Role.HEAD, Role.APPELLATE) else None
    return (await world.staff.accounts.add(NewMember(login, "Zafar", role, department, SECRET), by=by)).member


async def entered(world: World) -> list[tuple[str, str, str | None]]:
    """The audit's entries, oldest first: act, actor, account."""
    entries = reversed(await world.audit.page(None, 100))
    return [(entry.act.what.value, entry.act.by, entry.act.of) for entry in entries]


async def told(world: World, member: StaffMember) -> list[dict[str, Any]]:
    """The events of a member, in order; the sealed name is replaced by whether there is one."""
    published = await world.stores.published.get(member.id)
    published_bodies = [json.loads(event["data"]) for event in published.stored["events"]] if published else []
    return [{"named": True} if "name" in event else event for event in published_bodies]


async def ended(world: World, granted: GrantedTokens) -> bool:
    """Whether the session has ended."""
    try:
        await world.logins.refresh(granted.refresh_token)
    except UnauthenticatedError:
        return True
    return False


class ChangePromises:
    """Role, department, disabling, start passwords, second administrators."""

    @pytest.mark.parametrize("role", [role for role in Role if role not in (Role.CITIZEN, Role.DEPARTMENT)])
    async def test_every_role_of_staff_can_be_made(self, world: World, role: Role) -> None:
        member = await made(world, role)
        assert member.role is role
        assert (member.proposed_by is not None) == (role is Role.ADMIN)

    @pytest.mark.parametrize(
        ("fields", "what"),
        [
            ({"department": "power"}, What.MOVED),
            ({"role": Role.HEAD}, What.ROLE_CHANGED),
            ({"role": Role.AUDITOR}, What.ROLE_CHANGED),
            ({"role": Role.CLERK, "counter": "Hayatabad 3"}, What.ROLE_CHANGED),
            ({"disabled": True}, What.DISABLED),
        ],
    )
    async def test_a_change_ends_the_sessions_and_is_kept(
        self, world: World, fields: dict[str, Any], what: What
    ) -> None:
        member = await made(world)
        sessions = [await world.login("zafar", SECRET) for _ in range(2)]
        changed = await world.staff.accounts.change(member.id, fields, by="first")
        assert {name: getattr(changed, name) for name in fields} == fields
        assert [await ended(world, session) for session in sessions] == [True, True]
        assert (await entered(world))[-1] == (what.value, "first", member.id)
        assert await world.staff.members.sweep() == 0

    @also_over_mongodb
    async def test_disabled_member_cannot_log_in_until_enabled(self, world: World) -> None:
        member = await made(world)
        await world.staff.accounts.change(member.id, {"disabled": True}, by="first")
        with pytest.raises(LoginFailedError):
            await world.login("zafar", SECRET)
        await world.staff.accounts.change(member.id, {"disabled": False}, by="first")
        assert (await world.login("zafar", SECRET)).role is Role.OFFICER

    async def test_unchanged_member_keeps_sessions_and_adds_no_audit_entry(self, world: World) -> None:
        member = await made(world)
        session = await world.login("zafar", SECRET)
        before = await entered(world)
        await world.staff.accounts.change(member.id, {"department": "water", "disabled": False}, by="first")
        assert not await ended(world, session)
        assert await entered(world) == before

    @pytest.mark.parametrize(
        "fields", [{"role": Role.CLERK, "department": "water"}, {"department": None}, {"counter": "Counter 3"}]
    )
    async def test_role_department_and_counter_must_match(self, world: World, fields: dict[str, Any]) -> None:
        member = await made(world)
        with pytest.raises(ConflictError, match="role-does-not-fit"):
            await world.staff.accounts.change(member.id, fields, by="first")

    async def test_nobody_changes_their_own_account(self, world: World) -> None:
        member = await made(world)
        for change in (
            world.staff.accounts.change(member.id, {"role": Role.HEAD}, by=member.id),
            world.staff.accounts.confirm(member.id, by=member.id),
            world.staff.accounts.reset_password(member.id, by=member.id),
        ):
            with pytest.raises(ConflictError, match="own-account"):
                await change

    async def test_unknown_citizen_is_not_found(self, world: World) -> None:
        with pytest.raises(NotFoundError):
            await world.staff.accounts.change("nobody", {"disabled": True}, by="first")

    async def test_an_administrator_needs_two(self, world: World) -> None:
        member = await made(world, Role.ADMIN)
        with pytest.raises(LoginFailedError):
            await world.login("zafar", SECRET)
        with pytest.raises(ConflictError, match="second-person-needed"):
            await world.staff.accounts.confirm(member.id, by="first")
        assert (await world.staff.accounts.confirm(member.id, by="second")).active
        assert (await world.login("zafar", SECRET)).role is Role.ADMIN
        with pytest.raises(ConflictError, match="nothing-to-confirm"):
            await world.staff.accounts.confirm(member.id, by="third")

    async def test_a_promotion_is_proposed_and_then_confirmed_by_another(self, world: World) -> None:
        member = await made(world)
        session = await world.login("zafar", SECRET)
        proposed = await world.staff.accounts.change(member.id, {"role": Role.ADMIN}, by="first")
        assert (proposed.role, proposed.proposed_by) == (Role.OFFICER, "first")
        assert (await world.login("zafar", SECRET)).role is Role.OFFICER
        with pytest.raises(ConflictError, match="second-person-needed"):
            await world.staff.accounts.confirm(member.id, by="first")
        confirmed = await world.staff.accounts.confirm(member.id, by="second")
        assert (confirmed.role, confirmed.department) == (Role.ADMIN, None)
        assert await ended(world, session)

    async def test_disabling_an_administrator_is_no_way_to_their_password(self, world: World) -> None:
        member = await made(world, Role.ADMIN)
        assert (await world.staff.accounts.reset_password(member.id, by="first")).start_password  # nobody is one yet
        await world.staff.accounts.confirm(member.id, by="second")
        await world.staff.accounts.change(member.id, {"disabled": True}, by="first")
        with pytest.raises(ConflictError, match="operator-needed"):
            await world.staff.accounts.reset_password(member.id, by="first")
        assert (await world.staff.accounts.reset_password(member.id, by=OPERATOR)).start_password

    async def test_another_role_takes_a_proposal_back(self, world: World) -> None:
        member = await made(world)
        await world.staff.accounts.change(member.id, {"role": Role.ADMIN}, by="first")
        await world.staff.accounts.change(member.id, {"role": Role.HEAD}, by="third")
        with pytest.raises(ConflictError, match="nothing-to-confirm"):
            await world.staff.accounts.confirm(member.id, by="second")

    @also_over_mongodb
    async def test_changes_at_once_are_all_made(self, world: World) -> None:
        member = await made(world)
        await asyncio.gather(
            world.staff.accounts.change(member.id, {"department": "power"}, by="first"),
            world.staff.accounts.change(member.id, {"disabled": True}, by="second"),
            world.staff.accounts.change(member.id, {"role": Role.HEAD}, by="third"),
        )
        now = await world.stores.staff.get(member.id)
        assert now is not None
        assert (now.department, now.disabled, now.role, now.unsettled) == ("power", True, Role.HEAD, False)
        assert len(await entered(world)) == 4

    async def test_a_reset_gives_a_password_that_nobody_chose(self, world: World) -> None:
        member = await made(world)
        session = await world.login("zafar", SECRET)
        started = await world.staff.accounts.reset_password(member.id, by="first")
        assert started.start_password
        assert len(started.start_password) == 24
        assert await ended(world, session)
        with pytest.raises(LoginFailedError):
            await world.login("zafar", SECRET)
        assert (await entered(world))[-1] == ("password_reset", "first", member.id)

    async def test_start_password_lifts_the_lock(self, world: World) -> None:
        member = await made(world)
        for _ in range(5):
            with pytest.raises(LoginFailedError):
                await world.login("zafar", "mistyped")
        start = (await world.staff.accounts.reset_password(member.id, by="first")).start_password or ""
        assert (await world.login("zafar", start)).limited

    async def test_a_start_password_is_changed_by_its_owner(self, world: World) -> None:
        member = await made(world)
        start = (await world.staff.accounts.reset_password(member.id, by="first")).start_password or ""
        limited = await world.login("zafar", start)
        with pytest.raises(InvalidError, match="password-wrong"):
            await world.staff.accounts.change_own_password(member.id, member.role, SECRET, "eleven copper lamps")
        for refused in (start, "short", "password1234", "zafar zafar"):
            with pytest.raises(InvalidError, match="new-password-refused"):
                await world.staff.accounts.change_own_password(member.id, member.role, start, refused)
        await world.staff.accounts.change_own_password(member.id, member.role, start, "eleven copper lamps")
        assert await ended(world, limited)
        assert not (await world.login("zafar", "eleven copper lamps")).limited
        assert (await entered(world))[-1] == ("password_changed", member.id, member.id)

    async def test_a_password_that_is_the_only_factor_is_long(self, world: World) -> None:
        member = await made(world)
        change = ("kettles of 14!", "eleven copper lamps")
        alone = dataclasses.replace(world, chosen_passwords=False)
        with pytest.raises(InvalidError, match="new-password-refused") as refused:
            await alone.staff.accounts.change_own_password(member.id, member.role, SECRET, change[0])
        assert refused.value.params["length"] == 15
        await alone.staff.accounts.change_own_password(member.id, member.role, SECRET, change[1])
        beside = dataclasses.replace(world, chosen_passwords=False, totp_required=True)
        await beside.staff.accounts.change_own_password(member.id, member.role, change[1], change[0])

    async def test_wrong_current_passwords_are_counted_like_logins(self, world: World) -> None:
        member = await made(world)
        for _ in range(5):
            with pytest.raises(InvalidError):
                await world.staff.accounts.change_own_password(
                    member.id, member.role, "not this one", "eleven copper lamps"
                )
        with pytest.raises(TooManyRequestsError):
            await world.staff.accounts.change_own_password(member.id, member.role, SECRET, "eleven copper lamps")

    async def test_start_password_is_generated_where_it_cannot_be_chosen(self, world: World) -> None:
        world = dataclasses.replace(world, chosen_passwords=False)
        with pytest.raises(InvalidError, match="password-not-yours"):
            await made(world)
        started = await world.staff.accounts.add(NewMember("zafar", "Zafar", Role.CLERK, None, None), by="first")
        assert started.start_password
        assert started.member.start_password_until is not None

    @also_over_mongodb
    async def test_members_are_listed_in_the_order_of_their_making(self, world: World) -> None:
        members = []
        for number in range(5):
            members.append((await made(world, login=f"zafar.{number}")).id)
            world.clock.forward(seconds=1 if number % 2 else 0)
        first = await world.staff.accounts.page(None, 3)
        rest = await world.staff.accounts.page((first[-1].made_at, first[-1].id), 3)
        logins = await world.staff.accounts.logins([first[0].id, "start", None])
        assert logins == {first[0].id: first[0].login}
        assert sorted(member.id for member in [*first, *rest]) == sorted(members)
        assert len(first) == 3


class AuditPromises:
    """Each act is entered once, in order, and changes are detected."""

    @also_over_mongodb
    async def test_sweep_finishes_work_left_by_a_crash(self, world: World) -> None:
        member = await made(world)
        session = await world.login("zafar", SECRET)
        stored = await world.stores.staff.get(member.id)
        assert stored is not None
        moved = stored.changed(What.MOVED, "first", world.clock.now, ends_sessions=True, department="power")
        assert await world.stores.staff.save(moved)
        assert await world.staff.members.sweep() == 1
        assert await world.staff.members.sweep() == 0
        assert await ended(world, session)
        assert [what for what, _, _ in await entered(world)] == ["made", "moved"]

    @also_over_mongodb
    async def test_name_is_published_once_and_each_new_department(self, world: World) -> None:
        officer = await made(world)
        water: dict[str, Any] = {"role": "officer", "department": "water", "active": True}
        assert await told(world, officer) == [{"named": True}, water]
        await world.staff.accounts.reset_password(officer.id, by="first")
        await world.staff.accounts.change(officer.id, {"department": "power"}, by="first")
        await world.staff.accounts.change(officer.id, {"disabled": True}, by="first")
        power = water | {"department": "power"}
        assert await told(world, officer) == [{"named": True}, water, power, power | {"active": False}]
        assert await world.staff.members.sweep() == 0

    async def test_name_is_published_when_a_member_joins_a_department(self, world: World) -> None:
        clerk = await made(world, Role.CLERK)
        assert await told(world, clerk) == [{"role": "clerk", "active": True}]
        await world.staff.accounts.change(clerk.id, {"role": Role.HEAD, "department": "power"}, by="first")
        assert (await told(world, clerk))[1:] == [
            {"named": True},
            {"role": "head", "department": "power", "active": True},
        ]

    @also_over_mongodb
    async def test_late_delivery_report_does_not_replace_a_newer_one(self, world: World) -> None:
        officer = await made(world)
        moved = await world.staff.accounts.change(officer.id, {"department": "power"}, by="first")
        await world.staff.accounts.change(officer.id, {"department": "water"}, by="first")
        before = await told(world, officer)
        await world.staff.members.settle(dataclasses.replace(moved, unpublished=True))
        assert await told(world, officer) == before

    async def test_older_member_has_only_the_department_published(self, world: World) -> None:
        now = await made(world)
        old = dataclasses.replace(now, id="0" * 32, login="zarif", unpublished=True)
        published = PublishedMember(id=old.id)
        published.emit(StaffNamed(name="sealed"), world.clock.now)
        await world.stores.published.save_many([published])
        assert await world.stores.staff.add(old)
        await world.staff.members.settle(old)
        assert await told(world, old) == await told(world, now)

    @also_over_mongodb
    async def test_an_act_is_entered_once(self, world: World) -> None:
        act = AuditedAct("a", world.clock.now, What.MADE, "first", None)
        await asyncio.gather(*(world.audit.enter(act) for _ in range(5)))
        assert len(await entered(world)) == 1

    @also_over_mongodb
    async def test_acts_at_once_make_one_chain(self, world: World) -> None:
        acts = [AuditedAct(str(n), world.clock.now, What.LOOKED_UP, "clerk", None) for n in range(20)]
        await asyncio.gather(*(world.audit.enter(act) for act in acts))
        assert await world.audit.verify() == (20, None)
        page = await world.audit.page(None, 5)
        assert [entry.n for entry in page] == [20, 19, 18, 17, 16]
        assert [entry.n for entry in await world.audit.page(16, 2)] == [15, 14]
