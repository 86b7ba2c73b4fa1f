"""What a fresh demo's departments and administrators have besides requests, as `desks.yaml` says."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from deploy.cli.client import SignedInAccount
from deploy.cli.samples import Officers, samples
from deploy.cli.transport import ApiError
from shared.clock import PAKISTAN, utc_now
from shared.yaml_file import read_yaml

DESKS: dict[str, Any] = read_yaml(Path(__file__).with_suffix(".yaml"))
ROUTING = "/admin/routing"


async def ensure_reply_texts(head: Callable[[str], SignedInAccount]) -> None:
    """Write the texts of some departments; what has been written is written again."""
    texts = DESKS["texts"]
    for account in map(head, texts["departments"]):
        for name, template in texts["templates"].items():
            await account.ask("PUT", f"/desk/templates/{name}", body=template)
        await account.ask("PUT", "/desk/views/shared/late-longest", body=texts["shared_list"])


async def ensure_teamwork(officer: Officers) -> None:
    """Let a department take its request, note something, and ask another for a part, unless it has asked for one."""
    part = DESKS["part"]
    asking, asked = officer(part["asking"]), officer(part["asked"])
    for number in await _numbers(asking, service=part["service"], state="in_progress"):
        if (await asking.ask("GET", f"/assignments/{number}/parts")).body["parts"]:
            continue
        await asking.act(number, "claim")
        await asking.act(number, "notes", {"text": part["note"]})
        day = (utc_now().astimezone(PAKISTAN) + timedelta(days=5)).date().isoformat()
        wanted = {"department": part["asked"], "task": part["task"], "due": day}
        [made] = (await asking.act(number, "parts", wanted))["parts"]
        await asked.ask("POST", f"/parts/{number}/{made['id']}/accept", body={})
        for note in DESKS["notes"]:
            colleague = officer(note["department"])
            for one in await _numbers(colleague, service=note["service"]):
                await colleague.act(one, "notes", {"text": note["text"]})


async def ensure_rule_draft(admin: SignedInAccount) -> None:
    """Add the area and the draft, unless somebody has written rules already."""
    stored = await admin.ask("GET", ROUTING)
    if stored.body["version"] or stored.body["draft"]:
        return
    area = dict(DESKS["rules"]["area"])
    await admin.ask("PUT", f"{ROUTING}/areas/{area.pop('code')}", body=area)
    draft = {"rules": DESKS["rules"]["draft"]}
    await admin.ask("PUT", f"{ROUTING}/draft", body=draft, headers={"If-Match": stored.headers["ETag"]})


async def ensure_public(admin: SignedInAccount, citizens: Mapping[int, SignedInAccount], officers: Officers) -> None:
    """Make the partner and publish the words of a request, unless that was done."""
    try:
        await admin.ask("POST", "/admin/partners", body=DESKS["partner"])
    except ApiError as error:
        if error.code != "partner-there":
            raise
    sample = next(one for one in samples() if one["key"] == DESKS["published"])
    citizen = citizens[sample["citizen"]]
    number = (await citizen.file(f"demo/{sample['key']}", sample["filing"])).body["number"]
    officer = officers((await citizen.request(number))["department"])
    seen = await officer.ask("GET", f"/requests/{number}/publication")
    if not seen.body["published"]:
        words = {name: seen.body[name]["redacted"] for name in ("description", "place")}
        headers = {"If-Match": seen.headers["ETag"]}
        await officer.ask("PUT", f"/requests/{number}/publication", body=words, headers=headers)


async def _numbers(officer: SignedInAccount, **query: str) -> list[str]:
    """The number of the first request in a department's list; none if the list is empty."""
    found = (await officer.ask("GET", "/assignments", query={**query, "limit": "1"})).body["assignments"]
    return [one["number"] for one in found]
