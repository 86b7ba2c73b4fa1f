"""Notifier: every step reaches the citizen, in words, once.

Owns `notifications` (one for each step and channel, with its delivery attempts) and `contacts` (its own copy of
whom to reach, and in which language), and of members of staff `staff_contacts`, `work_items` and `work_marks`
(who is told of which work, and until when they were). Publishes `notification.code_delivered`; consumes what identity
says of citizens and staff, and what requests and routing say of requests.
It exists so that a slow or broken SMS gateway never holds up a request.
"""
