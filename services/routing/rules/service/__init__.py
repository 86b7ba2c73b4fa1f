"""Use cases of the rule set: deciding, drafting, trying and publishing."""
