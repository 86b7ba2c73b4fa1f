"""A request is filed, listed and accepted through a client that openapi-python-client wrote from Rabta's description.

README.md says how to make `rabta_client`, and what this needs from the environment.
"""

import json
import os
import secrets
import time

from rabta_client import AuthenticatedClient, Client
from rabta_client.api.assignments import assignments_accept, assignments_get_assignment, assignments_list_assignments
from rabta_client.api.oauth import oauth_token
from rabta_client.api.requests import requests_file_request
from rabta_client.models import Accept, AssignmentDetails, AssignmentLines, Filed, Filing, Granted, OauthTokenBody

URL = os.environ["RABTA_URL"]


def sign_in() -> AuthenticatedClient:
    """The client of the department's own software."""
    credentials = OauthTokenBody(
        grant_type="client_credentials",
        client_id=os.environ["RABTA_CLIENT_ID"],
        client_secret=os.environ["RABTA_CLIENT_SECRET"],
    )
    granted = oauth_token.sync(client=Client(URL), body=credentials)
    assert isinstance(granted, Granted), granted
    return AuthenticatedClient(URL, granted.access_token)


def file_request() -> str:
    """File what `RABTA_FILING` holds for the citizen whose token we have; its tracking number."""
    citizen = AuthenticatedClient(URL, os.environ["RABTA_CITIZEN_TOKEN"])
    filing = Filing.from_dict(json.loads(os.environ["RABTA_FILING"]))
    filed = requests_file_request.sync(client=citizen, body=filing, idempotency_key=secrets.token_hex(16))
    assert isinstance(filed, Filed), filed
    return filed.number


def wait_for(department: AuthenticatedClient, number: str) -> None:
    """Come back until the department's list has the request."""
    while True:
        listed = assignments_list_assignments.sync(client=department)
        assert isinstance(listed, AssignmentLines), listed
        if any(line.number == number for line in listed.assignments):
            return
        time.sleep(0.2)


def accept(department: AuthenticatedClient, number: str) -> str:
    """Accept the revision that we have read; the new state."""
    read = assignments_get_assignment.sync_detailed(number, client=department)
    accepted = assignments_accept.sync(number, client=department, body=Accept(), if_match=read.headers["ETag"])
    assert isinstance(accepted, AssignmentDetails), accepted
    return accepted.state


if __name__ == "__main__":
    ours = sign_in()
    filed = file_request()
    wait_for(ours, filed)
    print(filed, accept(ours, filed))
