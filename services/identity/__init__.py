"""Identity: who people are, how they prove it, and the keys by which all others check it.

Owns `citizens` (one document for each account, personal values sealed), `challenges` (what one-time codes are asked
for), `tries` (how often what was tried), `sessions`, `devices`, `login_steps` (logins that wait for a second
factor), `staff`, `audit` and `audit_head` (what administrators and clerks did), `accesses` (who looked at whose data),
`keys` and `departments` (a small copy for their software).
Publishes the events of `shared/events/identity.py`; consumes `department.created`, `access.recorded` and
`notification.code_delivered`.
It exists so that passwords, codes and private keys are in one place only, and every other service needs nothing but
the published keys to know who is asking.
"""
