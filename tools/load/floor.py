"""The floor: a bare process on the same servers, for comparison.

Validate, one majority-acknowledged journaled insert, one confirmed publish to a quorum queue; for each request by
itself, in the simplest way. No token, no rules, no routing, no notification, no gateway.
"""

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aio_pika
import uvicorn
from fastapi import FastAPI
from motor.motor_asyncio import AsyncIOMotorClient
from pydantic import BaseModel, Field

QUEUE = "bench.floor"


class Complaint(BaseModel):
    """The same body that the portal gets."""

    service: str = Field(max_length=60)
    place: dict[str, Any]
    answers: dict[str, Any]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Connect to both servers."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
        os.environ["RABTA_MONGO_URL"], w="majority", journal=True
    )
    connection = await aio_pika.connect(os.environ["RABTA_AMQP_URL"])
    channel = await connection.channel(publisher_confirms=True)
    await channel.declare_queue(QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
    app.state.requests = client["bench_floor"]["requests"]
    app.state.exchange = channel.default_exchange
    yield
    await connection.close()
    client.close()


app = FastAPI(lifespan=lifespan)


@app.get("/health/ready")
async def ready() -> dict[str, str]:
    """Whether it runs."""
    return {"status": "ok"}


@app.post("/api/v1/requests", status_code=201)
async def file(complaint: Complaint) -> dict[str, str]:
    """Insert, publish, answer."""
    number = uuid.uuid4().hex
    await app.state.requests.insert_one({"_id": number, **complaint.model_dump()})
    message = aio_pika.Message(
        complaint.model_dump_json().encode(), delivery_mode=aio_pika.DeliveryMode.PERSISTENT, message_id=number
    )
    await app.state.exchange.publish(message, QUEUE)
    return {"number": number}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["RABTA_PORT"]), log_level="warning", access_log=False)
