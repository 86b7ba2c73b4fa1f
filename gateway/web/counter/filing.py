"""Filing for a citizen: all questions on one page, then all answers to be read out, then sending.

The pages contain the filing in sealed form, with the Idempotency-Key.
"""

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from gateway.web.counter.citizen import CITIZEN, MaskedCitizen, citizen_of, find_again
from gateway.web.counter.finding import remember_filed
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
    """The questions of a service, or the answers to read out. Raises RefusedError."""
    citizen = citizen_of(visit)
    if citizen is None:
        return find_again(visit)
    service = await service_form(visit.portal, visit.args["code"])
    if service.entry["retired"]:
        return visit.go(citizen.home, visit.say("This service takes no more requests."))
    sealed = kept_filing(visit, service, citizen) or new_filing(visit, service, citizen)
    if visit.form.value(PAGE) == CHECK:
        return await read_out(visit, service, citizen, sealed)
    return await ask(visit, service, citizen, sealed)


@room.post(ADDRESS, max_bytes=MAX_BYTES)
async def submit(visit: Visit) -> Response:
    """Read the answers, and go where the button leads. Raises RefusedError."""
    citizen = citizen_of(visit)
    if citizen is None:
        return find_again(visit)
    service, form = await service_form(visit.portal, visit.args["code"]), visit.form
    sealed = kept_filing(visit, service, citizen)
    if sealed is None:
        form.general_error = visit.say("This page had been open for more than a day. Look over the answers and go on.")
        sealed = new_filing(visit, service, citizen)
        return await ask(visit, service, citizen, sealed)
    if form.value(PAGE) == CHECK:
        return await after_check(visit, service, citizen, sealed)
    await read_answers(visit, service, sealed)
    if form.value(GO) == ADD or form.value(REMOVE):
        return await ask(visit, service, citizen, sealed)
    if await has_errors(visit, service, sealed):
        return await ask(visit, service, citizen, sealed)
    visit.session.steps[LAST_CHANNEL] = sealed.channel
    return await read_out(visit, service, citizen, sealed)


async def after_check(visit: Visit, service: ServiceForm, citizen: MaskedCitizen, sealed: SealedFiling) -> Response:
    """Back to the questions, follow another request, or send this one. Raises RefusedError."""
    followed = visit.form.value(FOLLOW)
    if followed:
        return await follow(visit, citizen, segment(followed))
    if visit.form.value(GO) == CHANGE:
        visit.form = Form()
        return await ask(visit, service, citizen, sealed)
    return await send(visit, service, citizen, sealed)


async def read_answers(visit: Visit, service: ServiceForm, sealed: SealedFiling) -> None:
    """Read the answers, and upload the files. Raises RefusedError."""
    form, written = visit.form, sealed.written
    for step in service.steps:
        written.take(step, form)
    written.confidential = form.has("confidential")
    sealed.channel = form.value("channel") if form.value("channel") in CHANNELS else ""
    kept = [file for file in written.files if file.id != form.value(REMOVE)]
    written.files = with_new(kept, await upload(visit, service, len(kept)))


async def has_errors(visit: Visit, service: ServiceForm, sealed: SealedFiling) -> bool:
    """Check the filing and add its errors to the fields. Raises RefusedError."""
    checked = await check_filing(visit.portal, sealed.written)
    add_errors(visit, service, sealed, [*checked["missing"], *checked["wrong"]])
    if not sealed.channel:
        visit.form.add_error("channel", visit.say("Choose whether the citizen is here or on the phone."))
    return visit.form.failed


def add_errors(visit: Visit, service: ServiceForm, sealed: SealedFiling, errors: Sequence[FieldError]) -> None:
    """Add errors to their fields."""
    for field, words in field_messages(errors, service, sealed.written.answers, visit.words).items():
        visit.form.add_error(field, words)


async def ask(
    visit: Visit, service: ServiceForm, citizen: MaskedCitizen, sealed: SealedFiling, status: int = 200
) -> Response:
    """Show all questions, with the answers so far. Raises RefusedError."""
    form, written = visit.form, sealed.written
    for step in service.steps:
        written.fill(step, form)
    form.prefill({"channel": sealed.channel} | ({"confidential": "yes"} if written.confidential else {}))
    districts = await districts_for(visit.portal, service)
    if len(districts) == 1:
        form.set(DISTRICT, districts[0]["code"])
    return visit.page(ASK, status, **_shared(visit, service, citizen, sealed), districts=districts, files=written.files)


async def read_out(
    visit: Visit, service: ServiceForm, citizen: MaskedCitizen, sealed: SealedFiling, status: int = 200
) -> Response:
    """Show the answers, the result of checking them, and possible duplicates. Raises RefusedError."""
    written, names = sealed.written, await names_of(visit)
    checked = await check_filing(visit.portal, written)
    return visit.page(
        READ_OUT,
        status,
        **_shared(visit, service, citizen, sealed),
        rows=[row_of(question, written.answers.get(question.name), visit.words) for question in service.questions],
        district=names.district(written.district),
        written=written,
        channel=sealed.channel,
        checked=checked,
        department=names.department(checked["department"]["to"]) if checked["department"] else "",
        found=await similar_to(visit.portal, written, citizen.id),
    )


def _shared(visit: Visit, service: ServiceForm, citizen: MaskedCitizen, sealed: SealedFiling) -> dict[str, Any]:
    """The values that both pages need."""
    return {
        "service": service,
        "citizen": citizen,
        "hidden": {KEPT: sealed.seal(visit.sealer), CITIZEN: citizen.seal(visit)},
    }


async def follow(visit: Visit, citizen: MaskedCitizen, number: str) -> Response:
    """Make the citizen a follower of another request, instead of filing. Raises RefusedError."""
    await visit.portal.call("PUT", f"/api/v1/requests/{number}/follow", body={"on_behalf_of": citizen.id})
    note = visit.say(
        "The citizen follows %(number)s now, and hears about every step. Nothing was filed.", number=number
    )
    return visit.go(citizen.home, note)


async def send(visit: Visit, service: ServiceForm, citizen: MaskedCitizen, sealed: SealedFiling) -> Response:
    """File it, once for each key of the sealed filing. Raises RefusedError."""
    body = sealed.written.filing(on_behalf_of=citizen.id, channel=sealed.channel)
    try:
        reply = await visit.portal.post("/api/v1/requests", body, key=sealed.key)
    except RefusedError as refused:
        if refused.status >= 500 or refused.status in (401, 429):
            raise
        add_errors(visit, service, sealed, refused.errors)
        if not refused.errors:
            visit.form.refuse(refused)
        return await read_out(visit, service, citizen, sealed, refused.status)
    number = reply.data["number"]
    remember_filed(visit, number)
    if reply.data.get("track_code"):
        visit.session.remember(visit.session.digits, number, reply.data["track_code"])
    return visit.go(f"{citizen.home}/sent/{number}")


def new_filing(visit: Visit, service: ServiceForm, citizen: MaskedCitizen) -> SealedFiling:
    """An empty filing, with the channel of the clerk's last one."""
    channel = visit.session.steps.get(LAST_CHANNEL, "")
    return SealedFiling(WrittenFiling(service.code), on_behalf_of=citizen.id, channel=channel)


def kept_filing(visit: Visit, service: ServiceForm, citizen: MaskedCitizen) -> SealedFiling | None:
    """The filing for this citizen that the page contains."""
    sealed = SealedFiling.open(visit.sealer, visit.form.value(KEPT), service)
    return sealed if sealed and sealed.on_behalf_of == citizen.id else None
