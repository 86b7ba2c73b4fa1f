"""How Rabta is run: on one machine, in containers, in a cluster."""
