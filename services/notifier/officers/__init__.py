"""Messages to members of staff about the work of their department.

`handlers` hears from identity who works where; `news` keeps what happens in departments where somebody wants to know;
`digests` tells it at the moments that each has chosen; `addresses` takes an address and its proof, and the choices.
"""
