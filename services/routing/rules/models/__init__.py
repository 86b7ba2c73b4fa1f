"""Rules, areas, and the versions of the rule set, without I/O."""
