"""Help: the four most frequent problems, each with three steps to solve it."""

from dataclasses import dataclass

from starlette.responses import Response

from gateway.web.public.room import room
from gateway.web.visit import Visit
from gateway.web.words import _
from shared.errors import NotFoundError

Link = tuple[str, str]
"""An address and the text of its link."""


@dataclass(frozen=True, slots=True)
class HelpStep:
    """One thing to do, with links to the pages for it."""

    words: str
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Issue:
    """A frequent problem; `title` is its name in people's words."""

    title: str
    lead: str
    steps: tuple[HelpStep, ...]


SIGN_IN, RESET, TRACK, MINE = "/sign-in", "/reset", "/track", "/my"
ISSUES = {
    "code-not-received": Issue(
        _("The code does not arrive"),
        _("A code comes by SMS, most often within a minute."),
        (
            HelpStep(
                _("Wait a minute. Look whether your phone has a signal and whether its inbox is full."),
                (
                    ("/register/code", _("Back to the code for registering")),
                    ("/sign-in/code", _("Back to the code for signing in")),
                    ("/reset/code", _("Back to the code for a new password")),
                ),
            ),
            HelpStep(
                _(
                    "On that page ask for a new code. Use the newest one: it is good for ten minutes, and those before "
                    "it no longer work."
                )
            ),
            HelpStep(
                _(
                    "After two codes by SMS the same page offers to send it by email. Is the number wrong, or does it "
                    "already belong to an account, for example because several people share a phone? Then go on with "
                    "another number, or at a counter."
                ),
                (("/register/mobile", _("Another mobile number")),),
            ),
        ),
    ),
    "login-error": Issue(
        _("I cannot sign in"),
        _("Nobody stays locked out."),
        (
            HelpStep(
                _(
                    "Look at your CNIC or mobile number once more. Hyphens and spaces do not matter. Capital and small "
                    "letters of the password do."
                ),
                ((SIGN_IN, _("Sign in")), ("/register", _("No account yet? Register"))),
            ),
            HelpStep(
                _("Forgotten your password? Choose a new one with your CNIC and a code sent to your mobile."),
                ((RESET, _("Choose a new password")),),
            ),
            HelpStep(
                _(
                    "After five wrong passwords you wait 15 minutes, and longer each time. The page says until when. A "
                    "new password ends the wait."
                ),
                ((RESET, _("Choose a new password")),),
            ),
        ),
    ),
    "delay": Issue(
        _("My request takes too long"),
        _("Every request has a due date, and you can see who has to act."),
        (
            HelpStep(
                _("Track it. The page tells the due date, who has it, and what comes next."),
                ((TRACK, _("Track a request")),),
            ),
            HelpStep(
                _("Does it say that it is your turn? Then the department’s time stands still until you answer."),
                ((MINE, _("Your requests")),),
            ),
            HelpStep(
                _(
                    "Is it late? You need not file again. The page of the service names the officer and the authority "
                    "above. Tell them, or the helpline, your tracking number."
                ),
                (("/services", _("Find the service")),),
            ),
        ),
    ),
    "verification-pending": Issue(
        _("Verification is pending"),
        _("A condition of the service is not met yet. Until it is, no department has your request."),
        (
            HelpStep(
                _("Open the request. It lists each condition that is not met, with what to do."),
                ((MINE, _("Your requests")),),
            ),
            HelpStep(
                _("Correct your answer or add the paper, and send it. It is checked at once."),
                ((MINE, _("Your requests")),),
            ),
            HelpStep(
                _(
                    "The request says until when you have time, and we remind you before. Is the check itself wrong? "
                    "An officer can let your request pass: call the helpline."
                ),
                ((TRACK, _("Track a request")),),
            ),
        ),
    ),
}


@room.get("/help")
async def overview(visit: Visit) -> Response:
    """The four issues and the helpline."""
    return visit.page("public/help.html", issues=ISSUES)


@room.get("/help/{code}")
async def issue(visit: Visit) -> Response:
    """One issue. Raises NotFoundError."""
    code = visit.args["code"]
    if code not in ISSUES:
        raise NotFoundError
    others = {other: one for other, one in ISSUES.items() if other != code}
    return visit.page("public/help-issue.html", issue=ISSUES[code], others=others)
