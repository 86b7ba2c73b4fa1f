"""Messages to members of staff about the work of their department.

`handlers` processes identity's events about members; `work_items` records new work of departments; `digests` sends
digests as often as each member has chosen; `addresses` stores addresses, their proof, and the choices.
"""
