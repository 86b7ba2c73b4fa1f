"""Reply templates and a shared list of a demo's departments, written by their heads."""

from collections.abc import Callable
from typing import Any

from deploy.cli.client import SignedInAccount

DEPARTMENTS = ("works", "water", "sanitation")
TEMPLATES: dict[str, dict[str, Any]] = {
    "work-done": {
        "name": {"en": "The work is done", "ur": "کام ہو گیا"},
        "text": {
            "en": "We did the work for your request {number}. {words} If it is not as it should be, tell us in Rabta.",
            "ur": "آپ کی درخواست {number} کا کام ہو گیا ہے۔ {words} اگر کچھ ٹھیک نہ ہو تو رابطہ میں ہمیں بتائیں۔",
        },
        "actions": ["resolve"],
    },
    "visit": {
        "name": {"en": "Somebody comes to look", "ur": "کوئی دیکھنے آئے گا"},
        "text": {
            "en": "Somebody of {department} comes to look at it: {words} Your request {number} is due on {due}.",
            "ur": "{department} سے کوئی موقع دیکھنے آئے گا: {words} آپ کی درخواست {number} کی مقررہ تاریخ {due} ہے۔",
        },
        "actions": ["progress", "delay"],
    },
    "which-place": {
        "name": {"en": "Where exactly is it?", "ur": "ٹھیک کس جگہ ہے؟"},
        "text": {
            "en": "Where exactly is it? Name a shop, a school or a mosque nearby, so that we find it.",
            "ur": "یہ ٹھیک کس جگہ ہے؟ قریب کی کوئی دکان، سکول یا مسجد بتائیں تاکہ ہم وہاں پہنچ سکیں۔",
        },
        "actions": ["ask"],
    },
}
SHARED_LIST = {"name": "Late, longest without a step", "query": {"late": True, "order": "unchanged"}}


async def ensure_reply_texts(head: Callable[[str], SignedInAccount]) -> None:
    """Write the texts of each of these departments; what has been written is written again."""
    for code in DEPARTMENTS:
        account = head(code)
        for name, template in TEMPLATES.items():
            await account.ask("PUT", f"/desk/templates/{name}", body=template)
        await account.ask("PUT", "/desk/views/shared/late-longest", body=SHARED_LIST)
