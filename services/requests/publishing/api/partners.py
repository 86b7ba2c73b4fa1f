"""Partners: their administration, and what their apps file (`Authorization: Partner <key>`)."""

from typing import Annotated

from fastapi import Depends, Request, Response
from starlette.responses import JSONResponse

from services.requests.filing.service.filing import Filing
from services.requests.publishing import schemas
from services.requests.publishing.models import Partner
from services.requests.publishing.service.filing import PartnerFiling, PartnerUpdate
from services.requests.publishing.service.partners import NewPartner, NewPartnerKey, Partners
from services.requests.request.service import views
from shared.auth import Principal, Public, needs
from shared.errors import language_of
from shared.jsonbody import described, read_body
from shared.openapi import REPLAYED, answering
from shared.request_headers import IdempotencyKey
from shared.rights import Right
from shared.routes import Router, use

router = Router(prefix="/api/v1", tags=["partners"])
Admin = Annotated[Principal, Depends(needs(Right.MANAGE_PARTNERS))]
UsesPartners = Annotated[Partners, use("partners")]
UsesFiling = Annotated[PartnerFiling, use("partner_filing")]
END_OLD_NOW = NewPartnerKey()
EXAMPLE = {
    "service": "street-light-out",
    "channel": "open311",
    "place": {"district": "kohat", "latitude": 33.588, "longitude": 71.442},
    "answers": {
        "problem": "out",
        "street": "public",
        "place": "Bannu Road, near the bridge",
        "description": "The light has been out for a week.",
    },
}


async def partner_of(request: Request, partners: UsesPartners) -> Partner:
    """The partner whose key the call has. Raises UnauthenticatedError."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return await partners.of_key(key if scheme.lower() == "partner" else "")


Caller = Annotated[Partner, Depends(partner_of)]


@router.get("/admin/partners")
async def partners(admin: Admin, manages: UsesPartners) -> schemas.PartnerLines:
    """All partners: organisations whose apps file requests for people, by Open311 or here."""
    return await manages.all()


@router.post("/admin/partners", status_code=201)
async def make(admin: Admin, manages: UsesPartners, body: NewPartner) -> schemas.PartnerKey:
    """Make a partner. Its key is shown only in this answer."""
    return await manages.make(body, admin.id)


@router.post("/admin/partners/{code}/key")
async def renew(
    admin: Admin, manages: UsesPartners, code: str, body: NewPartnerKey = END_OLD_NOW
) -> schemas.PartnerKey:
    """Make a new key, which is shown only in this answer. The old one ends at once, or after `keep_old_hours`."""
    return await manages.renew(code, body.keep_old_hours)


@router.delete("/admin/partners/{code}")
async def end(admin: Admin, manages: UsesPartners, code: str) -> schemas.PartnerLine:
    """End a partner's key. Its requests go on; a new key opens it again."""
    return await manages.end(code)


@router.post(
    "/partners/filings",
    status_code=201,
    dependencies=[Public],
    openapi_extra=described(Filing, EXAMPLE),
    responses=answering(schemas.FiledByPartner, 201, REPLAYED),
)
async def file(request: Request, partner: Caller, files: UsesFiling, key: IdempotencyKey) -> Response:
    """File a request for a person without an account, at a service that is public.

    The request is published under its tracking number. Number and `code` show the status; with `key` the person can
    read the request and act on it. Neither can be asked for again.
    """
    language = language_of(request.headers)
    answer = await files.file(partner, key, await read_body(request), language)
    receipt = request.app.state.receipts.receipt(answer.filed.request)
    body: schemas.FiledByPartner = {
        **views.filed(answer.filed.request, receipt, language),
        "code": answer.code,
        "key": answer.key,
    }
    replayed = {"Idempotent-Replayed": "true"} if answer.filed.replayed else {}
    return JSONResponse(body, 201, {"Cache-Control": "no-store", **replayed})


@router.post("/partners/updates", dependencies=[Public])
async def update(partner: Caller, files: UsesFiling, body: PartnerUpdate) -> schemas.Taken:
    """Pass on what a person says about a request that the partner filed.

    Words answer the department's question, or are added. After the resolution `fixed` confirms the outcome, and
    `not_fixed` disputes it.
    """
    return await files.update(partner, body)
