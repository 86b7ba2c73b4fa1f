"""Notifier: tells citizens by SMS or email of every step, once.

Owns `notifications` (one for each step and channel, with its delivery attempts), `contacts` (a copy of citizens'
addresses and languages), `followers`, `rates` and `senders`; for staff `staff_contacts`, `work_items` and `work_marks`
(up to when digests of work were sent). Publishes `notification.code_delivered`. It consumes the streams of citizens
and staff from identity, and of requests from requests and routing.
It exists so that a slow or broken SMS gateway never delays a request.
"""
