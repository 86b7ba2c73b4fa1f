"""Writing the draft of the rules as YAML, publishing it, and throwing it away."""

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from gateway.web.administration.acts import AdminAct, act_name, act_page
from gateway.web.administration.drafting import REVISION, unless_stale
from gateway.web.administration.entries import yaml_field
from gateway.web.administration.room import room
from gateway.web.administration.routing.rules import API, HOME, rule_set
from gateway.web.administration.yamltext import write_yaml
from gateway.web.forms.form import FormError
from gateway.web.portal import RefusedError
from gateway.web.visit import Visit
from gateway.web.words import _

FIELD = "rules"
MAX_BYTES = 600_000
ACTS = {
    "publish": AdminAct("POST", "/publish", _("Published. The rules are in force now.")),
    "discard": AdminAct("DELETE", "/draft", _("The draft is thrown away.")),
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
    rules = yaml_field(form, FIELD, visit.words) or []
    if form.failed:
        raise FormError
    words = visit.say(
        "Somebody else changed the draft while you wrote. What you wrote is still here. "
        "If you save now, it replaces their changes."
    )
    try:
        with unless_stale(form, stored, words):
            revision = form.value(REVISION) or stored.etag
            await visit.portal.call("PUT", f"{API}/draft", body={"rules": rules}, revision=revision)
    except RefusedError as refused:
        if not refused.errors:
            raise
        form.fail(FIELD, "\n".join(line_of(visit, one["pointer"], one["message"], rules) for one in refused.errors))
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
    stored, name = await rule_set(visit), act_name(visit)
    visit.form.prefill({REVISION: stored.etag})
    draft = stored.data["draft"]
    untried = "" if name != "publish" or (draft and draft["tried"]) else f"{HOME}/try"
    return act_page(visit, f"{name}-rules", "routing", HOME, untried=untried)


async def act_on(visit: Visit) -> Response:
    """Carry out an act on the revision that was shown. Raises RefusedError."""
    act, stored = ACTS[act_name(visit)], await rule_set(visit)
    with unless_stale(
        visit.form, stored, visit.say("Somebody else changed the draft meanwhile. Look at it, then decide.")
    ):
        await visit.portal.call(act.method, f"{API}{act.path}", revision=visit.form.value(REVISION) or stored.etag)
    return visit.go(HOME, visit.say(act.done))


for _name in ACTS:
    room.get(f"{HOME}/{_name}")(show_act)
    room.post(f"{HOME}/{_name}", again=show_act)(act_on)
