"""What a demo publishes: a partner whose app may file by Open311, and the words of one complaint."""

from collections.abc import Mapping
from typing import Any

from deploy.cli.client import SignedInAccount
from deploy.cli.samples import Officers, samples
from deploy.cli.transport import ApiError

PARTNER = {"code": "street-app", "name": "Demo street app"}
SHOWN = "street-light"
"""The sample whose words an officer has read and published."""


async def ensure_public(admin: SignedInAccount, citizens: Mapping[int, SignedInAccount], officers: Officers) -> None:
    """Make the partner and publish the words, unless that was done. A new key is made on the page *Partners*."""
    try:
        await admin.ask("POST", "/admin/partners", body=PARTNER)
    except ApiError as error:
        if error.code != "partner-there":
            raise
    sample: dict[str, Any] = next(one for one in samples() if one["key"] == SHOWN)
    citizen = citizens[sample["citizen"]]
    number = (await citizen.file(f"demo/{SHOWN}", sample["filing"])).body["number"]
    officer = officers((await citizen.request(number))["department"])
    seen = await officer.ask("GET", f"/requests/{number}/publication")
    if not seen.body["published"]:
        words = {name: seen.body[name]["redacted"] for name in ("description", "place")}
        headers = {"If-Match": seen.headers["ETag"]}
        await officer.ask("PUT", f"/requests/{number}/publication", body=words, headers=headers)
