"""The citizen's account: registering, signing in and out, a new password, and their own data."""

from gateway.web.citizen.account import (
    accesses,
    closing,
    data,
    devices,
    export,
    mobile,
    password,
    preferences,
    registration,
    reset,
    sign_in,
    undo,
)

__all__ = [
    "accesses",
    "closing",
    "data",
    "devices",
    "export",
    "mobile",
    "password",
    "preferences",
    "registration",
    "reset",
    "sign_in",
    "undo",
]
