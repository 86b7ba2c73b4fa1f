"""Notifier: every step reaches the citizen, in words, once.

Owns `notifications` (one for each step and channel, with its delivery attempts) and `contacts` (its own copy of
whom to reach, and in which language), and of members of staff `staff_contacts`, `work_items` and `work_marks`
(whose digests of work are sent, and up to when). Publishes `notification.code_delivered`; consumes the
streams of citizens and staff from identity, and of requests from requests and routing.
It exists so that a slow or broken SMS gateway never holds up a request.
"""
