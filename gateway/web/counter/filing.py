"""Filing for a citizen: all questions on one page, then everything to be read out, then it is sent.

What is written travels sealed in the pages, with the key that makes it one request however often it is sent.
"""

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from gateway.web.counter.citizen import CITIZEN, MaskedCitizen, citizen_of, find_again
from gateway.web.counter.finding import note_filed
from gateway.web.counter.room import room
from gateway.web.forms.answers import row_of
from gateway.web.forms.errors import field_messages
from gateway.web.forms.form import Form
from gateway.web.forms.service import check_filing, districts_for, service_form, similar_to
from gateway.web.forms.steps import DISTRICT, ServiceForm
from gateway.web.forms.writing import SealedFiling, WrittenFiling
from gateway.web.naming import names_of
from gateway.web.portal import RefusedError, segment
from gateway.web.uploads import MAX_BYTES, REMOVE, upload, with_new
from gateway.web.visit import Visit
from shared.errors import FieldError

ASK, READ_OUT = "counter/form.html", "counter/check.html"
KEPT, PAGE, GO, CHECK = "kept", "page", "go", "check"
CHANGE, ADD, FOLLOW = "change", "add", "follow"
CHANNELS = ("counter", "phone")
LAST_CHANNEL = "channel"
ADDRESS = "/counter/citizens/{citizen}/file/{code}"


@room.get(ADDRESS)
async def show(visit: Visit) -> Response:
    """The questions of a service; where they are answered, what to read out. Raises RefusedError."""
    citizen = citizen_of(visit)
    if citizen is None:
        return find_again(visit)
    service = await service_form(visit.portal, visit.args["code"])
    if service.entry["retired"]:
        return visit.go(citizen.home, visit.say("This service takes no more requests."))
    sealed = opened(visit, service, citizen) or begun(visit, service, citizen)
    if visit.form.value(PAGE) == CHECK:
        return await read_out(visit, service, citizen, sealed)
    return await ask(visit, service, citizen, sealed)


@room.post(ADDRESS, max_bytes=MAX_BYTES)
async def take(visit: Visit) -> Response:
    """Take over what was typed, and go where the button leads. Raises RefusedError."""
    citizen = citizen_of(visit)
    if citizen is None:
        return find_again(visit)
    service, form = await service_form(visit.portal, visit.args["code"]), visit.form
    sealed = opened(visit, service, citizen)
    if sealed is None:
        form.general_error = visit.say("This page had been open for more than a day. Look over the answers and go on.")
        sealed = begun(visit, service, citizen)
        return await ask(visit, service, citizen, sealed)
    if form.value(PAGE) == CHECK:
        return await leave_check(visit, service, citizen, sealed)
    await write(visit, service, sealed)
    if form.value(GO) == ADD or form.value(REMOVE):
        return await ask(visit, service, citizen, sealed)
    if await wrong(visit, service, sealed):
        return await ask(visit, service, citizen, sealed)
    visit.session.steps[LAST_CHANNEL] = sealed.channel
    return await read_out(visit, service, citizen, sealed)


async def leave_check(visit: Visit, service: ServiceForm, citizen: MaskedCitizen, sealed: SealedFiling) -> Response:
    """Back to the questions, follow another request, or send this one. Raises RefusedError."""
    followed = visit.form.value(FOLLOW)
    if followed:
        return await follow(visit, citizen, segment(followed))
    if visit.form.value(GO) == CHANGE:
        visit.form = Form()
        return await ask(visit, service, citizen, sealed)
    return await send(visit, service, citizen, sealed)


async def write(visit: Visit, service: ServiceForm, sealed: SealedFiling) -> None:
    """Take over what was typed. Raises RefusedError."""
    form, written = visit.form, sealed.written
    for step in service.steps:
        written.take(step, form)
    written.confidential = form.has("confidential")
    sealed.channel = form.value("channel") if form.value("channel") in CHANNELS else ""
    kept = [file for file in written.files if file.id != form.value(REMOVE)]
    written.files = with_new(kept, await upload(visit, service, len(kept)))


async def wrong(visit: Visit, service: ServiceForm, sealed: SealedFiling) -> bool:
    """Say at each field what is wrong with it; whether there was anything. Raises RefusedError."""
    told = await check_filing(visit.portal, sealed.written)
    tell(visit, service, sealed, [*told["missing"], *told["wrong"]])
    if not sealed.channel:
        visit.form.add_error("channel", visit.say("Choose whether the citizen is here or on the phone."))
    return visit.form.failed


def tell(visit: Visit, service: ServiceForm, sealed: SealedFiling, errors: Sequence[FieldError]) -> None:
    """Say at each field what is wrong with it."""
    for field, words in field_messages(errors, service, sealed.written.answers, visit.words).items():
        visit.form.add_error(field, words)


async def ask(
    visit: Visit, service: ServiceForm, citizen: MaskedCitizen, sealed: SealedFiling, status: int = 200
) -> Response:
    """Show all questions, filled in as far as they are answered. Raises RefusedError."""
    form, written = visit.form, sealed.written
    for step in service.steps:
        written.fill(step, form)
    form.prefill({"channel": sealed.channel} | ({"confidential": "yes"} if written.confidential else {}))
    districts = await districts_for(visit.portal, service)
    if len(districts) == 1:
        form.set(DISTRICT, districts[0]["code"])
    return visit.page(ASK, status, **_known(visit, service, citizen, sealed), districts=districts, files=written.files)


async def read_out(
    visit: Visit, service: ServiceForm, citizen: MaskedCitizen, sealed: SealedFiling, status: int = 200
) -> Response:
    """Show the answers, what the rules say of them, and what others have sent of the same. Raises RefusedError."""
    written, names = sealed.written, await names_of(visit)
    told = await check_filing(visit.portal, written)
    return visit.page(
        READ_OUT,
        status,
        **_known(visit, service, citizen, sealed),
        rows=[row_of(question, written.answers.get(question.name), visit.words) for question in service.questions],
        district=names.district(written.district),
        written=written,
        channel=sealed.channel,
        told=told,
        department=names.department(told["department"]["to"]) if told["department"] else "",
        found=await similar_to(visit.portal, written, citizen.id),
    )


def _known(visit: Visit, service: ServiceForm, citizen: MaskedCitizen, sealed: SealedFiling) -> dict[str, Any]:
    """What both pages need."""
    return {
        "service": service,
        "citizen": citizen,
        "hidden": {KEPT: sealed.seal(visit.sealer), CITIZEN: citizen.seal(visit)},
    }


async def follow(visit: Visit, citizen: MaskedCitizen, number: str) -> Response:
    """Have the citizen told of every step of another request, in place of filing. Raises RefusedError."""
    await visit.portal.call("PUT", f"/api/v1/requests/{number}/follow", body={"on_behalf_of": citizen.id})
    note = visit.say(
        "The citizen follows %(number)s now, and hears about every step. Nothing was filed.", number=number
    )
    return visit.go(citizen.home, note)


async def send(visit: Visit, service: ServiceForm, citizen: MaskedCitizen, sealed: SealedFiling) -> Response:
    """File it; the key in it sees to it that it is filed once. Raises RefusedError."""
    body = sealed.written.filing(on_behalf_of=citizen.id, channel=sealed.channel)
    try:
        reply = await visit.portal.post("/api/v1/requests", body, key=sealed.key)
    except RefusedError as refused:
        if refused.status >= 500 or refused.status in (401, 429):
            raise
        tell(visit, service, sealed, refused.errors)
        if not refused.errors:
            visit.form.refuse(refused)
        return await read_out(visit, service, citizen, sealed, refused.status)
    number = reply.data["number"]
    note_filed(visit, number)
    if reply.data.get("track_code"):
        visit.session.remember(visit.session.digits, number, reply.data["track_code"])
    return visit.go(f"{citizen.home}/sent/{number}")


def begun(visit: Visit, service: ServiceForm, citizen: MaskedCitizen) -> SealedFiling:
    """A filing in which nothing is written yet. A clerk mostly works at one place: the channel is that of the last."""
    channel = visit.session.steps.get(LAST_CHANNEL, "")
    return SealedFiling(WrittenFiling(service.code), on_behalf_of=citizen.id, channel=channel)


def opened(visit: Visit, service: ServiceForm, citizen: MaskedCitizen) -> SealedFiling | None:
    """What the page carries for this citizen."""
    sealed = SealedFiling.open(visit.sealer, visit.form.value(KEPT), service)
    return sealed if sealed and sealed.on_behalf_of == citizen.id else None
