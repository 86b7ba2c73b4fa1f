"""`rabta subscribe DEPARTMENT`: a department's queue on a terminal, with its own credentials."""
