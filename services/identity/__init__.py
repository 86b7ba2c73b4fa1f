"""Identity: who people are, how they prove it, and the keys by which all others check it.

Owns `citizens` (one document for each account, personal values sealed), `challenges` (the counters of one-time
codes), `throttles` (failed logins), `sessions`, `staff`, `keys` and `departments` (a small copy for their software).
Publishes `citizen.registered`, `citizen.code_issued`, `citizen.verified` and `citizen.registration_repeated`;
consumes `department.created`.
It exists so that passwords, codes and private keys are in one place only, and every other service needs nothing but
the published keys to know who is asking.
"""
