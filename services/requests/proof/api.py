"""Receipts and proofs for citizens, and the public keys and daily roots that verify them."""

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

router = Router(prefix="/api/v1", tags=["receipts"])
published = Router(prefix="/.well-known", tags=["receipts"], dependencies=[Public])
PDF = "application/pdf"
PRIVATE = {"Cache-Control": "private, no-cache"}


UsesProofs = Annotated[Proofs, use("proofs")]
UsesReceipts = Annotated[Receipts, use("receipts")]
KEYS_AT = "/.well-known/receipt-keys.json"
RECEIPT: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The receipt: JSON, or a page to print when `Accept` names application/pdf first.",
        "model": Receipt,
        **file_of(PDF),
        **with_headers(DISPOSITION),
    }
}
RECEIPT_PDF: dict[int | str, dict[str, Any]] = {
    200: {"description": "The receipt as a page to print", **file_of(PDF), **with_headers(DISPOSITION)}
}


@router.get("/requests/{number}/receipt", responses=RECEIPT, response_class=Response)
async def receipt(request: Request, number: Number, principal: Reader, proofs: UsesProofs) -> Any:
    """The signed receipt (compact JWS, Ed25519) of the caller's request, or of a request that the caller filed."""
    if request.headers.get("accept", "").strip().lower().startswith(PDF):
        return await receipt_to_print(number, principal, proofs)
    signed = await proofs.receipt(principal.id, number)
    given: Receipt = {"number": number, "receipt": signed, "keys": KEYS_AT}
    return JSONResponse(given, 200, PRIVATE)


@router.get("/requests/{number}/receipt.pdf", responses=RECEIPT_PDF, response_class=Response)
async def receipt_to_print(number: Number, principal: Reader, proofs: UsesProofs) -> Response:
    """The receipt as an A4 page in English and Urdu; QR code and attachment contain the signed receipt.

    For the citizen, and for the clerk who filed at the counter.
    """
    headers = {**PRIVATE, "Content-Disposition": f'inline; filename="{number}.pdf"'}
    return Response(await proofs.printed(principal.id, number), media_type=PDF, headers=headers)


@router.get("/requests/{number}/proof")
async def proof(number: Number, principal: Holder, proofs: UsesProofs, response: Response) -> Proof:
    """The proof of the caller's request: receipt, history chain without texts, and its place in the public daily roots.

    Save the answer in a file: `./rabta verify-receipt FILE` checks it offline.
    """
    response.headers.update(PRIVATE)
    return await proofs.proof(principal.id, number)


@router.get("/track/{number}/proof", tags=["tracking"], dependencies=[Public])
async def tracked_proof(found: Tracked, proofs: UsesProofs, response: Response) -> Proof:
    """The same proof by number and digits; it contains no personal data."""
    response.headers.update(PRIVATE)
    return await proofs.proof_of(found)


@published.get("/rabta-roots.json")
async def rabta_roots(
    response: Response,
    days: Annotated[DayBook, use("days")],
    before: Annotated[str | None, Query(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AS_CODE] = None,
    limit: Annotated[int, Query(ge=1, le=400)] = 100,
) -> DailyRoots:
    """The signed root of each closed day (UTC), newest first. Copies make it impossible to rewrite history unnoticed.

    `root` covers the day's tree and the previous root, so each root covers all earlier days.
    """
    response.headers["Cache-Control"] = "public, max-age=300"
    return await days.published(before, limit)


@published.get("/receipt-keys.json")
async def receipt_keys(response: Response, receipts: UsesReceipts) -> ReceiptKeys:
    """Every public key that ever signed receipts and daily roots (RFC 7517). Keep your own copy."""
    response.headers["Cache-Control"] = "public, max-age=300"
    return receipts.published()
