"""Commands that are programs of services: they run with the suite's environment and get all arguments as typed."""

from collections.abc import Callable

import typer

from deploy.cli.place import find_place

PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
OPERATING = "services.identity.operating"
PROGRAMS = {
    "retention": (
        "services.requests.retention",
        "Anonymise requests whose retention time has passed; with `--dry-run` only count them.",
    ),
    "verify-history": (
        "services.requests.tamper_audit",
        "Check the history of every request and every closed day; `--roots FILE`: daily roots that you kept elsewhere.",
    ),
    "message test": (
        "services.notifier.trial",
        "Send a test message through each configured provider; `--to ADDRESS` (repeatable), `--language`, `--wait`.",
    ),
    "figures rebuild": (
        "services.routing.figures.rebuild",
        "Make all public figures anew; those published can be read meanwhile.",
    ),
    "routing try": (
        "services.routing.rules try",
        "Print which requests would go elsewhere under the draft or `[FILE]`; `--last N`, `--csv FILE`.",
    ),
    "routing areas": ("services.routing.rules areas", "Import areas from a GeoJSON file."),
    "staff confirm": (f"{OPERATING} confirm", "Confirm an administrator (`LOGIN`), if no other administrator can."),
    "staff enable": (
        f"{OPERATING} enable",
        "Enable a disabled account (`LOGIN`), if no administrator is left who can.",
    ),
    "staff totp-reset": (
        f"{OPERATING} totp-reset",
        "Remove the second factor of a member (`LOGIN`) whose phone is lost; all their sessions end.",
    ),
    "staff password-reset": (
        f"{OPERATING} password-reset",
        "Give a member (`LOGIN`) a start password, for example an administrator without a second factor.",
    ),
    "audit verify": (f"{OPERATING} audit-verify", "Verify that no entry of the audit was altered or deleted."),
}
"""Each command with its module, the first arguments, and the help."""
GROUPS = {
    "message": "Messages to citizens.",
    "figures": "The public figures of how departments keep their dates.",
    "routing": "Routing rules.",
    "staff": "Members of staff: what only an operator can do.",
    "audit": "The audit of what administrators and clerks did.",
}


def add_programs(app: typer.Typer) -> None:
    """Add the commands and their groups."""
    groups = {name: typer.Typer(no_args_is_help=True, help=text) for name, text in GROUPS.items()}
    for name, group in groups.items():
        app.add_typer(group, name=name)
    for name, (program, text) in PROGRAMS.items():
        group_name, _, command = name.rpartition(" ")
        groups.get(group_name, app).command(command, help=text, context_settings=PASS_ON)(_running(program))


def _running(program: str) -> Callable[[typer.Context], None]:
    def run(context: typer.Context) -> None:
        raise typer.Exit(find_place().run(*program.split(), *context.args))

    return run
