"""The formats of receipts and proofs, and their verification.

`requests` makes them; `rabta verify-receipt` and the page `/prove` verify them with the same code, which does no I/O.
`chain`, `merkle` and `roots` are the formats (docs/adr/0021-proof.md), `signatures` and `evidence` read an uploaded
file, `checks` verifies it.
"""
