"""An area and a draft of routing rules for the demo, ready to be tried on the page *Routing*; nothing is in force."""

from typing import Any

from deploy.cli.client import SignedInAccount

PATH = "/admin/routing"
CODE = "hayatabad"
AREA: dict[str, Any] = {
    "name": {"en": "Hayatabad", "ur": "حیات آباد"},
    "shape": {
        "type": "Polygon",
        "coordinates": [[[71.41, 33.95], [71.46, 33.95], [71.46, 34.0], [71.41, 34.0], [71.41, 33.95]]],
    },
}
RULES: list[dict[str, Any]] = [
    {
        "name": "Lamps in Hayatabad",
        "when": {"services": ["street-light-out"], "areas": [CODE]},
        "to": "power",
        "because": {
            "en": "In Hayatabad the power company keeps the street lights.",
            "ur": "حیات آباد کی سٹریٹ لائٹس بجلی کا محکمہ دیکھتا ہے۔",
        },
    },
    {
        "name": "Broken pipes at night",
        "when": {"services": ["water-leak"], "hours": {"from": "20:00", "to": "06:00"}},
        "to": "sanitation",
        "because": {
            "en": "At night only the sanitation team is on duty.",
            "ur": "رات کو صرف صفائی کا عملہ ڈیوٹی پر ہوتا ہے۔",
        },
    },
]


async def ensure_rule_draft(admin: SignedInAccount) -> None:
    """Add the area and the draft, unless somebody has written rules already."""
    stored = await admin.ask("GET", PATH)
    if stored.body["version"] or stored.body["draft"]:
        return
    await admin.ask("PUT", f"{PATH}/areas/{CODE}", body=AREA)
    await admin.ask("PUT", f"{PATH}/draft", body={"rules": RULES}, headers={"If-Match": stored.headers["ETag"]})
