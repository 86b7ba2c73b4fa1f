"""Health and metrics of a process: live (it runs), startup and ready (it can do its work)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from fastapi import Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse, Response

from shared.auth import Public
from shared.routes import Router

BUDGET = 1.0
Check = Callable[[], Awaitable[bool]]

router = Router(include_in_schema=False, dependencies=[Public])


async def failing(checks: Mapping[str, Check]) -> list[str]:
    """The names of the checks that do not pass within their budget (1 s each)."""

    async def passes(check: Check) -> bool:
        try:
            return await asyncio.wait_for(check(), BUDGET)
        except Exception:
            return False

    results = await asyncio.gather(*(passes(check) for check in checks.values()))
    return [name for name, passed in zip(checks, results, strict=True) if not passed]


@router.get("/health/live")
async def live() -> JSONResponse:
    """Answer 200 as long as the process runs."""
    return JSONResponse({"status": "ok"})


@router.get("/health/startup")
@router.get("/health/ready")
async def ready(request: Request) -> JSONResponse:
    """Answer 200 when all checks pass, else 503 with the names of the failing ones."""
    failed = await failing(request.app.state.checks)
    return JSONResponse({"status": "unavailable" if failed else "ok", "failing": failed}, 503 if failed else 200)


@router.get("/metrics")
async def metrics() -> Response:
    """Prometheus metrics of this process."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
