"""The work inside a department: whose an assignment is, absences and deputies, internal notes, parts."""
