"""Routing: departments, the rules that choose among them, assignments, their clocks, and department queues.

Owns `assignments` (one document for each request, with its department, state, due dates and history),
`departments`, and copies: `services` (what the catalogue says of departments and time limits), `colleagues` (names).
Publishes `request.routed` and what departments do; consumes what citizens file and do, and the departments' actions.
It exists so that a request finds who must answer it, and until when, with a reason that anybody can read.
"""
