"""Requests: the catalogue of services, the filing of requests, their verification, and the citizen's view.

Owns `requests` (one document for each request: its answers, state, history and outgoing events), `catalogue`
(one for each published service) and `citizens` (the little it knows of citizens).
Publishes `service.published` and what citizens, clocks and overriding officers do with a request
(`request.submitted`, `corrected`, `answered`, `confirmed`, `disputed`, `withdrawn`, `lapsed`, `appealed`, ...);
consumes what routing and identity say.
It exists so that a citizen's words are safe the moment they were sent, whatever else is down.
"""
