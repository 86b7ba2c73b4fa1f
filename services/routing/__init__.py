"""Routing: departments, the rules that choose among them, assignments, their clocks, and department queues.

Owns `assignments` (one document for each request, with its department, state, due dates and history),
`departments`, and copies: `services` (department rules and time limits of the catalogue), `colleagues` (names).
Also owns the portal's routing rules (`rule_sets`, `rule_versions`, `areas`), officers' saved lists (`saved_views`),
departments' reply texts (`reply_templates`), public figures (`figures`, `figure_months`, `figure_state`), and the
departments' messages (`feed`) with the progress of their subscriptions (`subscriptions`).
Publishes `request.routed` and the departments' steps; consumes the citizens' steps and the departments' actions.
It finds the department that must answer a request, and the due date, with a reason that anybody can read.
"""
