"""Messages to members of staff about the work of their department.

`work_items` records new work of departments; `digests` sends
digests as often as each member has chosen; `addresses` stores addresses, their proof, and the choices.
"""
