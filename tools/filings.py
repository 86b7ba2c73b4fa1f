"""Requests to file, and how to find them at a department."""

from typing import Any

from tools.portal import Portal, until

FILINGS: tuple[dict[str, Any], ...] = (
    {
        "service": "street-light-out",
        "place": {"district": "kohat"},
        "answers": {
            "problem": "out",
            "street": "public",
            "place": "Kohat, Bannu Road",
            "description": "The light at the corner has been out for a week.",
        },
    },
    {
        "service": "water-leak",
        "place": {"district": "swat", "address": "Main bazaar, near the mosque"},
        "answers": {
            "severity": "stream",
            "pipe": "main",
            "place": "Main bazaar, near the mosque",
            "description": "Water runs down the street day and night.",
        },
    },
)
TEACHER = {
    "service": "teacher-absent",
    "place": {"district": "swat"},
    "answers": {
        "school_name": "Government Primary School Regi",
        "school_type": "government",
        "level": "primary",
        "days_absent": 6,
        "place": "Regi village",
        "description": "Class four has had no teacher for a week.",
    },
}


async def at_department(portal: Portal, number: str, department: str = "education") -> tuple[str, dict[str, Any]]:
    """An officer's session, and what the officer sees of the request."""
    officer = await portal.officer(department)

    async def look() -> dict[str, Any] | None:
        answer = await portal.ask("GET", f"/api/v1/requests/{number}", token=officer)
        return answer.body if answer.status == 200 else None

    return officer, await until(look, f"{number} at {department}")
