"""Writing the draft of the rules as YAML, publishing it, and throwing it away."""

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from gateway.web.administration.acts import AdminAct, act_name
from gateway.web.administration.drafting import REVISION, STALE, refuse_as_stale
from gateway.web.administration.room import room
from gateway.web.administration.routing.rules import API, HOME, rule_set
from gateway.web.administration.yamltext import YamlError, read_yaml, write_yaml
from gateway.web.portal import RefusedError
from gateway.web.visit import Visit
from gateway.web.words import _

FIELD = "rules"
MAX_BYTES = 600_000
ACTS = {
    "publish": AdminAct(
        _("Publish the rules"),
        (
            _("They decide for every request that is routed from now on."),
            _("Requests that are at a department stay there."),
            _("Every version stays in the list. You can go back to it."),
        ),
        _("Publish them"),
        _("Published. The rules are in force now."),
        path="/publish",
    ),
    "discard": AdminAct(
        _("Throw the draft away"),
        (_("What is written in the draft is lost."), _("The rules in force stay as they are.")),
        _("Throw it away"),
        _("The draft is thrown away."),
        "DELETE",
        "/draft",
    ),
}


@room.get("/admin/routing/draft")
async def show(visit: Visit) -> Response:
    """The draft, or else the rules in force as its beginning. Raises RefusedError."""
    stored = await rule_set(visit)
    draft = stored.data["draft"]
    rules = draft["rules"] if draft else stored.data["rules"]
    visit.form.prefill({FIELD: write_yaml(rules) if rules else "", REVISION: stored.etag})
    departments = (await visit.portal.read("/api/v1/departments"))["departments"]
    areas = (await visit.portal.read(f"{API}/areas"))["areas"]
    return visit.page("administration/routing/draft.html", rules=stored.data, departments=departments, areas=areas)


@room.post("/admin/routing/draft", max_bytes=MAX_BYTES, again=show)
async def save(visit: Visit) -> Response:
    """Save the draft, unless somebody else has changed it meanwhile. Raises RefusedError."""
    stored, form = await rule_set(visit), visit.form
    try:
        body = {"rules": read_yaml(form.raw(FIELD)) or []}
    except YamlError as error:
        form.fail(
            FIELD, visit.say("Line %(n)s cannot be read as YAML. Look at it and at the one before.", n=error.line)
        )
    try:
        await visit.portal.call("PUT", f"{API}/draft", body=body, revision=form.value(REVISION) or stored.etag)
    except RefusedError as refused:
        if refused.status == STALE:
            words = visit.say(
                "Somebody else changed the draft while you wrote. What you wrote is still here. "
                "If you save now, it replaces their changes."
            )
            refuse_as_stale(form, stored, words)
        if not refused.errors:
            raise
        lines = [line_of(visit, error["pointer"], error["message"], body["rules"]) for error in refused.errors]
        form.fail(FIELD, "\n".join(lines))
    return visit.go(f"{HOME}/try", visit.say("The draft is saved. Try it now."))


def line_of(visit: Visit, pointer: str, message: str, rules: Any) -> str:
    """An error with the rule that it is in, and the path in that rule."""
    parts = pointer.strip("/").split("/")
    place = int(parts[1]) if len(parts) > 1 and parts[1].isdecimal() else -1
    if not (isinstance(rules, Sequence) and 0 <= place < len(rules)):
        return f"{pointer}: {message}"
    rule = rules[place]
    name = rule.get("name") if isinstance(rule, dict) else None
    where = " ".join(parts[2:])
    return visit.say("Rule %(n)s", n=place + 1) + f" ({name or '–'}) {where}: {message}"


async def show_act(visit: Visit) -> Response:
    """What follows from an act, and the button. Raises RefusedError."""
    stored = await rule_set(visit)
    visit.form.prefill({REVISION: stored.etag})
    which = act_name(visit)
    return visit.page("administration/routing/act.html", act=ACTS[which], which=which, rules=stored.data)


async def act_on(visit: Visit) -> Response:
    """Carry out an act on the revision that was shown. Raises RefusedError."""
    act, stored = ACTS[act_name(visit)], await rule_set(visit)
    try:
        await visit.portal.call(act.method, f"{API}{act.path}", revision=visit.form.value(REVISION) or stored.etag)
    except RefusedError as refused:
        if refused.status != STALE:
            raise
        words = visit.say("Somebody else changed the draft meanwhile. Look at it, then decide.")
        refuse_as_stale(visit.form, stored, words)
    return visit.go(HOME, visit.say(act.done))


for _name in ACTS:
    room.get(f"{HOME}/{_name}")(show_act)
    room.post(f"{HOME}/{_name}", again=show_act)(act_on)
