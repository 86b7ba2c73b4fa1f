"""Messages to members of staff about the work of their department.

`handlers` takes in from identity where each member works; `work_items` keeps what happens in departments; `digests`
tells members of it as often as each has chosen; `addresses` keeps their addresses, the proof of these, and the choices.
"""
