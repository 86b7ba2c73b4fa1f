"""The callers of a fuzz run, the citizen whose data none of them may see, and the ids of existing things."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from PIL import Image

from shared.rights import IN_DEPARTMENT, Role
from tools.filings import TEACHER, at_department
from tools.fuzz.cases import ENDS_A_CITIZEN, ENDS_ANYBODY, ENDS_STAFF
from tools.people import new_cnic, new_mobile
from tools.portal import Citizen, Portal
from tools.staff import member, software

DEPARTMENT = "education"
OWN = 4
"""Requests of the calling citizen: one is new, one was asked about, one is resolved, one is at another department."""
NAME = "Zarmina Qandeelwali"
EMAIL = "zarmina.qandeelwali@example.com"
ADDRESS = "Quince Cottage 77, Lane of Larks, Chitral"
WORDS = "My neighbour's cousin Turangzai keeps eleven peacocks."
STREET_LIGHT = {
    "service": "street-light-out",
    "place": {"district": "peshawar", "address": ADDRESS},
    "answers": {"problem": "out", "street": "public", "place": "By the school", "description": WORDS},
}


@dataclass(frozen=True)
class Principal:
    """A caller. `spares` are tokens of accounts that may be lost, by the operation that may end the account."""

    name: str
    token: str
    spares: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Scene:
    """What a run needs of a suite."""

    principals: tuple[Principal, ...]
    canaries: tuple[str, ...]
    """Lower-case texts of the planted citizen that no answer may contain."""
    places: dict[str, tuple[str, ...]]
    """Ids of existing things, by the name of the parameter."""
    description: dict[str, Any]


async def planted(portal: Portal) -> Citizen:
    """A citizen whose every detail can be recognised."""
    citizen = Citizen(new_cnic(), new_mobile(), f"lanterns at {secrets.token_hex(4)}")
    body = {"name": NAME, "cnic": citizen.cnic, "mobile": citizen.mobile, "email": EMAIL, "address": ADDRESS}
    whole = {**body, "password": citizen.password}
    registration = (await portal.expect(202, "POST", "/api/v1/registrations", json=whole))["registration"]
    await portal.verify(registration, citizen)
    await portal.login(citizen)
    return citizen


async def principals(portal: Portal, citizen: Citizen, program: str) -> tuple[Principal, ...]:
    """One caller of each role, a department's software, and a caller who is not signed in."""

    async def token_of_a_citizen() -> str:
        return (await portal.register()).token

    async def staff(role: Role) -> Principal:
        async def token_of_a_member() -> str:
            return (await member(portal, role))[1]

        place = DEPARTMENT if role in IN_DEPARTMENT else None
        token = await portal.staff(role.value, place)
        return Principal(role.value, token, await spares(ENDS_STAFF | ENDS_ANYBODY, token_of_a_member))

    found = [Principal("anonymous", "")]
    found.append(Principal("citizen", citizen.token, await spares(ENDS_A_CITIZEN | ENDS_ANYBODY, token_of_a_citizen)))
    admin = Principal("admin", await portal.admin_token())
    others = (role for role in Role if role not in (Role.CITIZEN, Role.DEPARTMENT, Role.ADMIN))
    found += await asyncio.gather(*map(staff, others))
    return *found, admin, Principal("department", program)


async def spares(labels: Collection[str], token: Callable[[], Awaitable[str]]) -> dict[str, str]:
    """A token of an account of its own for each operation."""
    tokens = await asyncio.gather(*(token() for _ in labels))
    return dict(zip(sorted(labels), tokens, strict=True))


def jpeg() -> bytes:
    """A small picture."""
    written = BytesIO()
    Image.new("RGB", (64, 48)).save(written, "JPEG")
    return written.getvalue()


async def scene(portal: Portal) -> Scene:
    """Make the accounts and requests. The planted citizen has an ordinary request at another department than the
    officers', and a confidential one at theirs, whose words they may read but whose citizen they may not know.
    """
    victim, citizen = await planted(portal), await portal.register()
    elsewhere = (await portal.file(victim, STREET_LIGHT))["number"]
    hidden = (await portal.file(victim, {**TEACHER, "confidential": True}))["number"]
    own = [(await portal.file(citizen, TEACHER))["number"] for _ in range(OWN)]
    for number in (hidden, *own):
        office, _ = await at_department(portal, number, DEPARTMENT)
    for number in own[1:3]:
        await portal.act(office, number, "accept")
    await portal.act(office, own[1], "ask", question="Which of the two schools is it?")
    await portal.act(office, own[2], "resolve", outcome="granted", reply=f"The teacher of {own[2]} is back.")
    await portal.reaches(citizen, own[1], "questioned")
    await portal.reaches(citizen, own[2], "resolved")
    moved = await portal.act(office, own[-1], "transfer", to="water", reason="It is about the pipes of the school.")
    assert moved.status == 200, moved.body
    path = f"/api/v1/requests/{own[0]}/attachments"
    headers = {"Content-Type": "image/jpeg", "Idempotency-Key": secrets.token_hex(8)}
    photo = await portal.expect(201, "POST", path, token=citizen.token, data=jpeg(), headers=headers)
    officer, _ = await member(portal, Role.OFFICER)
    canaries = (NAME.split()[1], victim.mobile[3:], victim.cnic, victim.cnic.replace("-", ""), EMAIL, ADDRESS, WORDS)
    return Scene(
        await principals(portal, citizen, await software(portal)),
        tuple(text.lower() for text in canaries),
        {
            "number": (*own, elsewhere, hidden),
            "attachment": (photo["id"],),
            "mobile": (citizen.last_four,),
            "officer": (officer,),
            "GET code": ("street-light-out",),  # nobody may retire it: others need it
        },
        await portal.expect(200, "GET", "/api/v1/openapi.json"),
    )
