"""`python -m services.routing.resealing` seals this service's database anew with the present data key."""

from shared.mongo.resealing import main

PLACES = (
    "request.question", "request.note", "request.reason", "request.reply", "request.citizen", "staff.name",
)  # fmt: skip
"""All that is sealed here, as it is named to the key ring."""

if __name__ == "__main__":
    main("routing", PLACES)
