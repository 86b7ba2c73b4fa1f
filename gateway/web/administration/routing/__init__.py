"""Pages of routing rules: what is in force, the draft, its trial, publication, and areas."""
