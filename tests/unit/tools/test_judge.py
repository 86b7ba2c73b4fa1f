"""The judge of the generated calls sees each thing that it is there to see."""

import json

import pytest
import requests
from schemathesis import Response
from urllib3 import HTTPResponse

from shared.openapi import PROBLEM
from tools.fuzz.cases import Call, operations
from tools.fuzz.judge import wrongs

CANARIES = ("qandeelwali",)
NAMED = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
DESCRIPTION = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "paths": {
        "/thing": {
            "get": {
                "responses": {
                    "200": {"description": "", "content": {"application/json": {"schema": NAMED}}},
                    "404": {"description": "", "content": {"application/problem+json": {"schema": PROBLEM}}},
                    "503": {"description": ""},
                }
            }
        }
    },
}


def judged(status: int, body: dict[str, object], kind: str = "application/json") -> list[str]:
    """What the judge says of an answer."""
    call: Call = operations(DESCRIPTION)[0].Case()
    answer = requests.Response()
    answer.status_code, answer._content = status, json.dumps(body).encode()
    answer.raw = HTTPResponse(headers={"Content-Type": kind})
    answer.request = requests.Request("GET", "http://127.0.0.1/thing").prepare()
    return wrongs(call, Response.from_requests(answer, verify=False), CANARIES)


def test_answers_as_described_are_right() -> None:
    assert not judged(200, {"name": "Lamp"})
    problem: dict[str, object] = {"type": "/problems/not-found", "title": "Not found", "status": 404}
    assert not judged(404, problem, "application/problem+json")


@pytest.mark.parametrize(
    ("status", "body", "kind", "word"),
    [
        (503, {}, "application/json", "Server error"),
        (418, {}, "application/problem+json", "Undocumented status"),
        (200, {"name": 4}, "application/json", "violates schema"),
        (200, {"name": "Lamp"}, "text/plain", "Undocumented Content-Type"),
        (404, {"status": 404}, "application/json", "not as a problem"),
        (404, {"status": 404}, "application/problem+json", "violates schema"),
        (200, {"name": "Zarmina QANDEELWALI"}, "application/json", "a leak"),
    ],
)
def test_a_wrong_answer_is_seen(status: int, body: dict[str, object], kind: str, word: str) -> None:
    assert any(word.lower() in finding.lower() for finding in judged(status, body, kind)), judged(status, body, kind)
