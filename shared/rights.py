"""Which role may do what, in one table. Each query decides on which objects, where the data is."""

from enum import StrEnum


class Role(StrEnum):
    """What an account may be."""

    CITIZEN = "citizen"
    OFFICER = "officer"
    HEAD = "head"
    """The head of a department: hears disputes."""
    APPELLATE = "appellate"
    """Decides appeals at an authority that neither handled nor heads the handling."""
    CLERK = "clerk"
    """Files for a citizen at a counter or by phone."""
    ADMIN = "admin"
    AUDITOR = "auditor"
    """Reads administrative acts and their actors, never the data of the citizens concerned."""
    DEPARTMENT = "department"
    """A department's own software."""


class Right(StrEnum):
    """What a route may ask for."""

    OWN_ACCOUNT = "own_account"
    OWN_DATA = "own_data"
    FILE = "file"
    OWN_REQUESTS = "own_requests"
    READ_REQUEST = "read_request"
    NOTIFICATIONS = "notifications"
    WORK_MESSAGES = "work_messages"
    MERGE = "merge"
    ATTACH = "attach"
    WORK = "work"
    OVERSEE = "oversee"
    OVERRIDE_VERIFICATION = "override_verification"
    MANAGE_CATALOGUE = "manage_catalogue"
    MANAGE_DEPARTMENTS = "manage_departments"
    MANAGE_STAFF = "manage_staff"
    MANAGE_MESSAGES = "manage_messages"
    SECOND_FACTOR = "second_factor"
    FILE_FOR_CITIZEN = "file_for_citizen"
    READ_AUDIT = "read_audit"


PEOPLE = frozenset(Role) - {Role.DEPARTMENT}
WORKERS = frozenset({Role.OFFICER, Role.HEAD, Role.APPELLATE, Role.DEPARTMENT})
STAFF = PEOPLE - {Role.CITIZEN}
IN_DEPARTMENT = frozenset({Role.OFFICER, Role.HEAD, Role.APPELLATE})
"""Roles that belong to a department; the other roles of staff belong to none."""
OFFICERS = frozenset({Role.OFFICER, Role.HEAD})
OVERSEERS = frozenset({Role.HEAD, Role.APPELLATE, Role.DEPARTMENT})
"""A department's own software acts for its head."""
CITIZEN = frozenset({Role.CITIZEN})
CLERK = frozenset({Role.CLERK})
AUDITOR = frozenset({Role.AUDITOR})
ADMIN = frozenset({Role.ADMIN})

RIGHTS: dict[Right, frozenset[Role]] = {
    Right.OWN_ACCOUNT: frozenset(Role),  # see and end their own sessions, read and correct their own data
    Right.OWN_DATA: CITIZEN,  # see all that is kept of oneself and who looked at it; erase it
    Right.FILE: CITIZEN | CLERK,  # apply, complain, follow others' instead; clerks for a citizen only
    Right.OWN_REQUESTS: CITIZEN,  # see, correct, answer, confirm, dispute, withdraw their own
    Right.READ_REQUEST: CITIZEN | WORKERS | CLERK,  # their own, those at their department, those they filed
    Right.ATTACH: CITIZEN | WORKERS,  # add files to their own requests, evidence to those at their department
    Right.NOTIFICATIONS: CITIZEN,  # read what was sent to oneself, choose what is sent
    Right.WORK_MESSAGES: IN_DEPARTMENT,  # say where and how often one hears of new work, disputes and answers
    Right.MERGE: OFFICERS,  # say that two requests at one's department are about one thing, and take it back
    Right.WORK: WORKERS,  # accept, ask, report, transfer, resolve at one's department
    Right.OVERSEE: OVERSEERS,  # see what is late at their department, and by officer
    Right.OVERRIDE_VERIFICATION: OFFICERS,  # let pass what a rule held up on its way to one's department
    Right.MANAGE_CATALOGUE: ADMIN,  # services and their rules
    Right.MANAGE_DEPARTMENTS: ADMIN,  # departments and their access
    Right.MANAGE_MESSAGES: ADMIN,  # see what messages say, send one to try it
    Right.MANAGE_STAFF: ADMIN,  # accounts of staff
    Right.SECOND_FACTOR: STAFF,  # enrol and remove their own second factor
    Right.FILE_FOR_CITIZEN: CLERK,  # find, register, file for a citizen who stands at the counter or is on the phone
    Right.READ_AUDIT: AUDITOR,  # what administrators and clerks did
}

ENROLLING = frozenset({Right.OWN_ACCOUNT, Right.SECOND_FACTOR})
"""All that a session may do which still has to get its second factor, or a password of its own."""
