"""Identity: accounts of citizens and staff, logins, and the keys that sign access tokens.

Owns `citizens` (one document for each account, personal values sealed), `challenges` (purposes and sends of one-time
codes), `tries` (counters of attempts), `sessions`, `devices`, `login_steps` (logins that wait for a second factor),
`staff`, `audit` and `audit_head` (what administrators and clerks did), `accesses` (the access trail of citizens),
`keys`, `departments` (credentials of departments' software) and `noted_acts` (on services and routing rules).
Publishes the events of `shared/events/identity.py`; consumes `department.*`, `service.*`, `rules.published`,
`access.recorded` and `notification.code_delivered`.
Passwords, codes and private keys are kept here only; every other service identifies callers by the published keys.
"""
