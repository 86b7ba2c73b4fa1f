"""For every route to a thing that has an owner: the callers that may use it.

A column is a caller and its relation to the thing; `test_owners.py` creates them. A caller whose role lacks the right
gets 403 (`test_rights.py`); every other caller that is not named here gets 404.
"""

from dataclasses import dataclass

from deploy.docs.routes import Served

OWNER = frozenset({"owner"})
DEPARTMENT = frozenset({"officer", "head", "software"})
OFFICERS = frozenset({"officer", "head"})
AUTHORITY = frozenset({"appellate", "officer of the authority"})
CLERK = frozenset({"clerk"})
FOLLOWER = frozenset({"follower"})
STRANGERS = frozenset(
    {"stranger", "officer elsewhere", "head elsewhere", "software elsewhere", "appellate elsewhere", "another clerk"}
)
"""Callers without any relation to the things."""
COLUMNS = OWNER | DEPARTMENT | AUTHORITY | CLERK | FOLLOWER | STRANGERS


@dataclass(frozen=True)
class Whose:
    """The callers that may use a route for one thing. Others get `refusal`; `why` explains one that is not 404."""

    thing: str
    those: frozenset[str]
    refusal: int = 404
    why: str = ""


NOTHING_DONE = "again and for everybody the same, and nothing is done: the thing is looked at afterwards"
WRONG_CODE = "answered like a wrong code, as for a change that there never was"
REQUESTS = "/api/v1/requests/{number}"
ASSIGNMENTS = "/api/v1/assignments/{number}"
CHANGES = "/api/v1/me/mobile/{change}"
PARTS = "/api/v1/parts/{number}/{part}"
TEAM = "/api/v1/desk/team/{account}"
ASKED = frozenset({"officer elsewhere", "head elsewhere", "software elsewhere"})
"""The department that another one asked for a part of its work."""
SUBSCRIPTIONS = "/api/v1/department/subscriptions/{subscription}"


def acts_of_its_citizen(*paths: str) -> dict[str, tuple[Whose, ...]]:
    """Actions that only the request's own citizen may take."""
    return {f"{method} {REQUESTS}{path}": (Whose("request", OWNER),) for method, path in (p.split(" ") for p in paths)}


ROUTES: dict[str, tuple[Whose, ...]] = {
    f"GET {REQUESTS}": (
        Whose("request", OWNER | DEPARTMENT | CLERK | FOLLOWER),
        Whose("confidential", OWNER | DEPARTMENT),
        Whose("appeal", OWNER | AUTHORITY),
        Whose("held", OWNER | {"officer elsewhere", "head elsewhere", "software elsewhere"}),
    ),
    f"PATCH {REQUESTS}": (Whose("request", OWNER),),
    **acts_of_its_citizen(
        "GET /proof",
        "POST /answer",
        "POST /confirm",
        "POST /dispute",
        "POST /rating",
        "POST /separate",
        "POST /appeal",
        "POST /withdraw",
    ),
    f"GET {REQUESTS}/receipt": (Whose("request", OWNER | CLERK), Whose("appeal", OWNER)),
    f"GET {REQUESTS}/receipt.pdf": (Whose("request", OWNER | CLERK), Whose("appeal", OWNER)),
    f"GET {REQUESTS}/attachments": (
        Whose("request", OWNER | DEPARTMENT),
        Whose("appealed", OWNER | DEPARTMENT | AUTHORITY),
        Whose("confidential", OWNER | DEPARTMENT),
    ),
    f"GET {REQUESTS}/attachments/{{attachment}}": (
        Whose("request", OWNER | DEPARTMENT),
        Whose("appealed", OWNER | DEPARTMENT | AUTHORITY),
        Whose("confidential", OWNER | DEPARTMENT),
    ),
    f"POST {REQUESTS}/attachments": (Whose("request", OWNER | DEPARTMENT), Whose("appealed", OWNER | DEPARTMENT)),
    f"DELETE {REQUESTS}/attachments/{{attachment}}": (Whose("request", OWNER),),
    f"PUT {REQUESTS}/follow": (
        # Strangers: that is what it is for. Clerks name the citizen, and are told that none was named.
        Whose("request", OWNER | FOLLOWER | CLERK | {"stranger", "another clerk"}),
        Whose("confidential", frozenset()),
        Whose("appeal", frozenset()),
    ),
    f"DELETE {REQUESTS}/follow": (
        Whose("request", OWNER | FOLLOWER, 204, NOTHING_DONE),
        Whose("confidential", frozenset()),
    ),
    f"GET {ASSIGNMENTS}/transfer": (Whose("request", frozenset()),),
    f"GET {REQUESTS}/similar": (Whose("request", OFFICERS),),
    f"POST {REQUESTS}/merge": (Whose("request", OFFICERS),),
    f"POST {REQUESTS}/unmerge": (Whose("request", OFFICERS),),
    f"GET {REQUESTS}/publication": (Whose("request", OFFICERS),),
    f"PUT {REQUESTS}/publication": (Whose("request", OFFICERS),),
    f"DELETE {REQUESTS}/publication": (Whose("request", OFFICERS),),
    f"POST {REQUESTS}/override": (
        Whose("held", frozenset({"officer elsewhere", "head elsewhere"})),
        Whose("request", frozenset()),
    ),
    **{
        f"{method} {ASSIGNMENTS}{act}": (Whose("request", DEPARTMENT), Whose("appeal", AUTHORITY))
        for method, act in (
            ("GET", ""),
            ("GET", "/templates"),
            ("POST", "/accept"),
            ("POST", "/ask"),
            ("POST", "/delay"),
            ("POST", "/progress"),
            ("POST", "/transfer"),
            ("POST", "/resolve"),
        )
    },
    **{
        f"{method} {ASSIGNMENTS}{act}": (Whose("request", whose), Whose("appeal", AUTHORITY))
        for method, act, whose in (
            ("POST", "/claim", OFFICERS),
            ("POST", "/assign", DEPARTMENT),
            ("POST", "/release", DEPARTMENT),
            ("POST", "/recuse", OFFICERS),
            ("GET", "/notes", OFFICERS),
            ("POST", "/notes", OFFICERS),
            ("GET", "/parts", DEPARTMENT),
            ("POST", "/parts", DEPARTMENT),
        )
    },
    f"POST {ASSIGNMENTS}/parts/{{part}}/cancel": (Whose("part", DEPARTMENT),),
    **{
        route: (Whose("part", ASKED),)
        for route in (f"POST {PARTS}/accept", f"POST {PARTS}/done", f"POST {PARTS}/refuse")
    },
    f"GET {PARTS}": (Whose("part", ASKED | DEPARTMENT),),
    **{
        route: (Whose("colleague", OFFICERS),)
        for route in (f"PUT {TEAM}/absence", f"DELETE {TEAM}/absence", f"POST {TEAM}/handover")
    },
    **{
        f"{method} {SUBSCRIPTIONS}{act}": (Whose("subscription", frozenset(those.split())),)
        for method, act, those in (
            ("GET", "", "head software"),
            ("POST", "/secret", "head"),
            ("POST", "/test", "head"),
            ("POST", "/pause", "head"),
            ("POST", "/resume", "head"),
            ("POST", "/replay", "head software"),
            ("POST", "/lease", "software"),
            ("POST", "/ack", "software"),
            ("POST", "/nack", "software"),
            ("POST", "/extend", "software"),
        )
    },
    f"DELETE {SUBSCRIPTIONS}": (Whose("subscription", frozenset({"head"})),),
    "GET /api/v1/drafts/{draft}": (Whose("draft", OWNER),),
    "PUT /api/v1/drafts/{draft}": (Whose("draft", OWNER),),
    "DELETE /api/v1/drafts/{draft}": (Whose("draft", OWNER, 204, NOTHING_DONE),),
    f"GET {CHANGES}": (Whose("change", OWNER),),
    f"POST {CHANGES}/otp": (Whose("change", OWNER, 422, WRONG_CODE),),
    f"POST {CHANGES}/otp/resend": (Whose("change", OWNER, 422, WRONG_CODE),),
    "DELETE /api/v1/me/devices/{device}": (Whose("device", OWNER),),
    "DELETE /api/v1/me/sessions/{session}": (Whose("session", OWNER),),
}
NOBODYS_OWN = {
    "/api/v1/desk/views/": "an id of the caller's own choice, kept with the account or the department",
    "/api/v1/desk/templates/": "an id of the caller's own choice, kept with the department",
    "/api/v1/department/queues/": "a name of the caller's own choice, looked up at the caller's own department",
    "/api/v1/admin/": "whoever has the right has it over all of them (test_rights.py)",
    "/api/v1/notifications/work-addresses/{channel}": "one's own: it names no other",
    "/api/v1/citizens/{registration}": "a clerk's way to a new account, opened by the code that the citizen reads out",
}
"""Routes to things that belong to an office, each with the reason for having no row."""
BY_KNOWLEDGE = {
    "/api/v1/track/{number}": "the digits (test_tracking_guard.py)",
    "/api/v1/callbacks/{provider}": "the provider's signature (unit/notifier/test_callbacks.py)",
    "/api/v1/catalogue/{code}": "published",
    "/api/v1/public/requests/{public_id}": "published",
    "/api/v1/notifications/stop/{token}": "the token (unit/notifier/test_preference_choices.py)",
    "/api/v1/password-resets/{challenge}": "the code (unit/identity/password_cases.py)",
    "/api/v1/registrations/{registration}": "the code (unit/identity/code_cases.py)",
    "/api/v1/sessions/{challenge}": "the code (unit/identity/device_cases.py)",
}
"""Public routes, each with the secret that replaces signing in."""


def without_a_row(route: Served) -> bool:
    """Whether a route to a thing has no row here."""
    if "{" not in route.path:
        return False
    if route.is_public:
        return not route.path.startswith(tuple(BY_KNOWLEDGE))
    return name_of(route) not in ROUTES and not route.path.startswith(tuple(NOBODYS_OWN))


def name_of(route: Served) -> str:
    """The name of a route in the table."""
    return f"{route.method} {route.path}"
