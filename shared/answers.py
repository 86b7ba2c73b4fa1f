"""What each refusal means, in the words of the API's description."""

MEANING = {
    400: "It cannot be read: the address, a header, a cursor or the body",
    401: "Not signed in, or no longer",
    403: "Not yours to do",
    404: "Not there, or not yours to see",
    408: "The file came too slowly",
    409: "It does not fit the state it is in",
    412: "Somebody changed it since; see If-Match",
    413: "Too large",
    415: "Not of a kind that is read here",
    422: "Values that do not do; `errors` names the fields",
    428: "`If-Match` is needed",
    429: "Too many tries, or too early; see Retry-After",
    503: "Away for a moment; see Retry-After",
    504: "It took too long, and may have been done",
}
"""By status."""
