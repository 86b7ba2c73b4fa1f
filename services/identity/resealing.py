"""`python -m services.identity.resealing` seals this service's database anew with the present data key."""

from shared.mongo.resealing import main

PLACES = (
    "citizen.name", "citizen.cnic", "citizen.mobile", "citizen.email", "citizen.address", "citizen.code",
    "citizen.undo", "identity.key", "staff.totp", "staff.name", "request.citizen",
)  # fmt: skip
"""All that is sealed here, as it is named to the key ring."""

if __name__ == "__main__":
    main("identity", PLACES)
