"""Receipts and proofs for their citizen; for everybody the keys and the daily roots that verify them."""

from typing import Annotated, Any

from fastapi import Query, Request, Response
from starlette.responses import JSONResponse

from services.requests.proof.schemas import DailyRoots, Proof, Receipt, ReceiptKeys
from services.requests.proof.service.days import DayBook
from services.requests.proof.service.proofs import Proofs
from services.requests.proof.service.receipts import Receipts
from services.requests.reading.api.tracking import Tracked
from services.requests.request.dependencies import Holder, Number, Reader
from shared.auth import Public
from shared.openapi import DISPOSITION, file_of, with_headers
from shared.routes import Router, use
from shared.spelling import AS_CODE

router = Router(tags=["receipts"])
published = Router(prefix="/.well-known", tags=["receipts"], dependencies=[Public])
PDF = "application/pdf"
PRIVATE = {"Cache-Control": "private, no-cache"}


Proving = Annotated[Proofs, use("proofs")]
Signing = Annotated[Receipts, use("receipts")]
KEYS_AT = "/.well-known/receipt-keys.json"
PRINTED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The receipt: JSON, or a page to print when `Accept` names application/pdf first.",
        "model": Receipt,
        **file_of(PDF),
        **with_headers(DISPOSITION),
    }
}
PRINTABLE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The receipt as a page to print", **file_of(PDF), **with_headers(DISPOSITION)}
}


@router.get("/requests/{number}/receipt", responses=PRINTED, response_class=Response)
async def receipt(request: Request, number: Number, principal: Reader, proofs: Proving) -> Any:
    """The signed receipt (compact JWS, Ed25519), as in the answer to filing: of one's own request, or one's filing."""
    if request.headers.get("accept", "").strip().lower().startswith(PDF):
        return await receipt_to_print(number, principal, proofs)
    signed = await proofs.receipt(principal.id, number)
    given: Receipt = {"number": number, "receipt": signed, "keys": KEYS_AT}
    return JSONResponse(given, 200, PRIVATE)


@router.get("/requests/{number}/receipt.pdf", responses=PRINTABLE, response_class=Response)
async def receipt_to_print(number: Number, principal: Reader, proofs: Proving) -> Response:
    """The receipt as an A4 page in English and Urdu; its QR code and its attachment are the signed receipt.

    For the citizen, and for the clerk who filed at the counter.
    """
    headers = {**PRIVATE, "Content-Disposition": f'inline; filename="{number}.pdf"'}
    return Response(await proofs.printed(principal.id, number), media_type=PDF, headers=headers)


@router.get("/requests/{number}/proof")
async def proof(number: Number, principal: Holder, proofs: Proving, response: Response) -> Proof:
    """The proof of one's own request: receipt, the chain of its history without words, where the public roots hold it.

    Save the answer in a file: `./rabta verify-receipt FILE` checks it without a network.
    """
    response.headers.update(PRIVATE)
    return await proofs.proof(principal.id, number)


@router.get("/track/{number}/proof", tags=["tracking"], dependencies=[Public])
async def tracked_proof(found: Tracked, proofs: Proving, response: Response) -> Proof:
    """The same proof, by number and digits: it holds nothing personal."""
    response.headers.update(PRIVATE)
    return await proofs.proof_of(found)


@published.get("/rabta-roots.json")
async def rabta_roots(
    response: Response,
    days: Annotated[DayBook, use("days")],
    before: Annotated[str | None, Query(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AS_CODE] = None,
    limit: Annotated[int, Query(ge=1, le=400)] = 100,
) -> DailyRoots:
    """The signed root of each closed day (UTC), newest first: copy them, print them, so that nobody can rewrite them.

    `root` is over the day's tree and the root before, so each root vouches for all earlier days.
    """
    response.headers["Cache-Control"] = "public, max-age=300"
    return await days.published(before, limit)


@published.get("/receipt-keys.json")
async def receipt_keys(response: Response, receipts: Signing) -> ReceiptKeys:
    """Every public key that ever signed receipts and daily roots (RFC 7517). Keep a copy of it of your own."""
    response.headers["Cache-Control"] = "public, max-age=300"
    return receipts.published()
