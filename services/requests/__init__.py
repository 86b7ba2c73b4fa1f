"""Requests: the catalogue of services, filing and verification, and reading requests as citizens and departments.

Owns `requests` (one document for each request: answers, state, history, outgoing events), `drafts`, `attachments` with
`contents`, `catalogue` and `catalogue_versions`, `accesses` (the access trail), `guesses`, `retentions`,
`receipt_keys`, `day_roots`, `day_tiles` and `day_work`, and its replicas `citizens`, `colleagues` and `departments`.

Publishes `service.published`, `access.*` and what citizens, clocks and overriding officers do with a request
(`request.submitted`, `corrected`, `answered`, `confirmed`, `disputed`, `withdrawn`, `lapsed`, `appealed`, ...);
consumes the events of routing about requests and departments, and those of identity about citizens and staff.

A filing is stored durably before it is answered, whatever other service is down.
"""
