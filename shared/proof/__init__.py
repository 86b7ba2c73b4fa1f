"""What a receipt and a proof are made of, and how they are checked.

`requests` makes them; `rabta verify-receipt` and the page `/prove` check them, all by the same lines of code. Nothing
here does any I/O. `chain`, `merkle` and `roots` are the formats (docs/adr/0021-proof.md), `signatures` and `evidence`
read what somebody brings, `checks` judges it.
"""
