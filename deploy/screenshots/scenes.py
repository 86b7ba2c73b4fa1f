"""The pages of the screenshots, and the people who look at them."""

from dataclasses import dataclass

LANGUAGES = ("en", "ur")
WIDTHS = (360, 1280)
NOBODY = ""
CITIZEN, OTHER = "citizen 1", "citizen 2"
OFFICER, HEAD = "officer.water", "head.water"


@dataclass(frozen=True)
class Scene:
    """A page. In its path, `{questioned-1}` is a request of citizen 1 in that state."""

    name: str
    path: str
    who: str = NOBODY


SCENES = (
    Scene("start", "/"),
    Scene("services", "/services?q=bijli"),
    Scene("service", "/services/birth-certificate"),
    Scene("form", "/apply/draft/{draft}/1", CITIZEN),
    Scene("check", "/apply/draft/{draft}/check", CITIZEN),
    Scene("confirmation", "/my/requests/{accepted-2}/sent", OTHER),
    Scene("dashboard", "/my", CITIZEN),
    Scene("question", "/my/requests/{questioned-1}", CITIZEN),
    Scene("resolved", "/my/requests/{resolved-2}", OTHER),
    Scene("track", "/track/{in_progress-1}"),
    Scene("figures", "/figures"),
    Scene("figures-department", "/figures/departments/water"),
    Scene("worklist", "/desk", OFFICER),
    Scene("desk-request", "/desk/{in_progress-1}", OFFICER),
    Scene("overview", "/desk/overview", HEAD),
    Scene("sign-in", "/sign-in"),
    Scene("not-found", "/nowhere"),
)
