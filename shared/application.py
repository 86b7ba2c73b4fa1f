"""A service as an ASGI application. The gateway has its own, without the database that this module knows."""

from pathlib import Path

from fastapi import FastAPI
from starlette.types import Lifespan

from shared import errors, health
from shared.mongo import OUTAGES
from shared.openapi import show_examples
from shared.routes import Router, add_routes


def service_app(name: str, router: Router, examples: Path, lifespan: Lifespan[FastAPI]) -> FastAPI:
    """A service as an ASGI application: its routes, those of its health, and the examples of its answers."""
    app = FastAPI(title=f"Rabta {name}", version="1", lifespan=lifespan, docs_url=None, redoc_url=None)
    errors.install(app, OUTAGES)
    add_routes(app, router)
    add_routes(app, health.router, ignore_unknown_query=True)
    show_examples(app, examples)
    return app
