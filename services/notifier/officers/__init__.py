"""Messages to members of staff about the work of their department.

`handlers` takes in from identity where each member works; `work_items` keeps what happens in departments; `digests`
sends digests as often as each member has chosen; `addresses` keeps addresses, their proof, and the choices.
"""
