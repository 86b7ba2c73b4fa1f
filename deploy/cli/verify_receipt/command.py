"""`rabta verify-receipt FILE`."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console

from deploy.cli.verify_receipt.words import words_of
from deploy.local.errors import LocalError
from shared.proof.checks import Finding, Trust, Verdict, check
from shared.proof.evidence import Evidence, NoEvidenceError, evidence_in, keys_in, roots_in

MAX_BYTES = 50_000_000
Found = TypeVar("Found")
MARKS = {
    Verdict.PROVEN: "[green]proven   [/]",
    Verdict.WRONG: "[bold red]WRONG    [/]",
    Verdict.NOT_SHOWN: "[yellow]not shown[/]",
}
TRUSTED_FILE = (
    "Checked with the {what} in the file itself, which its author could have made too. "
    "Provide your own with {option}, from {where} or from a printed copy."
)


def verify_receipt(
    file: Annotated[Path, typer.Argument(help="The receipt (text or PDF), or the saved response of /proof.")],
    keys: Annotated[Path | None, typer.Option(help="Keys that you trust: a saved receipt-keys.json.")] = None,
    roots: Annotated[Path | None, typer.Option(help="Daily roots that you trust: a saved rabta-roots.json.")] = None,
    earlier: Annotated[Path | None, typer.Option(help="An earlier saved proof of the same request.")] = None,
) -> None:
    """Check offline that and when a request was received, and that its history was not rewritten."""
    console = Console(highlight=False, soft_wrap=True)
    evidence = read(file, evidence_in)
    trust = Trust(
        read(keys, keys_in) if keys else None,
        read(roots, roots_in) if roots else None,
        read(earlier, evidence_in) if earlier else None,
    )
    findings = check(evidence, trust)
    for finding in findings:
        console.print(MARKS[finding.verdict], end="  ")
        console.print(printable(words_of(finding)), markup=False)
    for warning in _warnings(evidence, trust):
        console.print(f"[yellow]TRUST[/]      {warning}")
    if any(finding.verdict is Verdict.WRONG for finding in findings):
        console.print("[bold red]This is not valid.[/]")
        raise typer.Exit(1)
    if not any(finding.verdict is Verdict.PROVEN for finding in findings):
        console.print("[bold yellow]Nothing is proven.[/]")
        raise typer.Exit(1)
    console.print(_summary(findings))


def read(file: Path, find: Callable[[bytes], Found]) -> Found:
    """What `find` finds in a file. Raises LocalError."""
    try:
        if file.stat().st_size > MAX_BYTES:
            raise LocalError(f"{file}: too large to be a receipt")
        return find(file.read_bytes())
    except OSError as error:
        raise LocalError(f"{file}: {error.strerror}") from None
    except NoEvidenceError as error:
        raise LocalError(f"{file}: {error}") from None


def printable(text: str) -> str:
    """A text without control characters that would affect the terminal or the text direction."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def _warnings(evidence: Evidence, trust: Trust) -> list[str]:
    warnings = []
    if trust.keys is None and evidence.keys is not None:
        where = "/.well-known/receipt-keys.json"
        warnings.append(TRUSTED_FILE.format(what="keys", option="--keys FILE", where=where))
    if trust.roots is None and evidence.roots:
        where = "/.well-known/rabta-roots.json"
        warnings.append(TRUSTED_FILE.format(what="daily roots", option="--roots FILE", where=where))
    return warnings


def _summary(findings: list[Finding]) -> str:
    left = sum(finding.verdict is Verdict.NOT_SHOWN for finding in findings)
    return "[bold green]Everything is valid.[/]" if not left else "[bold green]Everything in this file is valid.[/]"
