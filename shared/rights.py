"""The table of roles and rights. Which objects a role may access is decided by each query."""

from enum import StrEnum


class Role(StrEnum):
    """The role of an account."""

    CITIZEN = "citizen"
    OFFICER = "officer"
    HEAD = "head"
    """The head of a department: decides disputes."""
    APPELLATE = "appellate"
    """Decides appeals, at an authority above the department."""
    CLERK = "clerk"
    """Files for citizens at a counter or by phone."""
    ADMIN = "admin"
    AUDITOR = "auditor"
    """Reads the acts of administrators and clerks, without the data of citizens."""
    DEPARTMENT = "department"
    """A department's own software."""


class Right(StrEnum):
    """A right that a route may require."""

    OWN_ACCOUNT = "own_account"
    OWN_DATA = "own_data"
    FILE = "file"
    OWN_REQUESTS = "own_requests"
    READ_REQUEST = "read_request"
    NOTIFICATIONS = "notifications"
    WORK_MESSAGES = "work_messages"
    MERGE = "merge"
    PUBLISH = "publish"
    ATTACH = "attach"
    WORK = "work"
    TEAMWORK = "teamwork"
    OVERSEE = "oversee"
    OVERRIDE_VERIFICATION = "override_verification"
    MANAGE_CATALOGUE = "manage_catalogue"
    MANAGE_DEPARTMENTS = "manage_departments"
    MANAGE_PARTNERS = "manage_partners"
    MANAGE_ROUTING = "manage_routing"
    MANAGE_STAFF = "manage_staff"
    MANAGE_MESSAGES = "manage_messages"
    SECOND_FACTOR = "second_factor"
    FILE_FOR_CITIZEN = "file_for_citizen"
    READ_AUDIT = "read_audit"
    TAKE_MESSAGES = "take_messages"
    CONNECT_SYSTEMS = "connect_systems"
    REPLAY_MESSAGES = "replay_messages"


PEOPLE = frozenset(Role) - {Role.DEPARTMENT}
WORKERS = frozenset({Role.OFFICER, Role.HEAD, Role.APPELLATE, Role.DEPARTMENT})
STAFF = PEOPLE - {Role.CITIZEN}
IN_DEPARTMENT = frozenset({Role.OFFICER, Role.HEAD, Role.APPELLATE})
"""Roles that belong to a department; the other roles of staff belong to none."""
OFFICERS = frozenset({Role.OFFICER, Role.HEAD})
OVERSEERS = frozenset({Role.HEAD, Role.APPELLATE, Role.DEPARTMENT})
"""A department's own software acts in the name of its head."""
HEADS = frozenset({Role.HEAD, Role.APPELLATE})
DEPARTMENTS_SOFTWARE = frozenset({Role.DEPARTMENT})
CITIZEN = frozenset({Role.CITIZEN})
CLERK = frozenset({Role.CLERK})
AUDITOR = frozenset({Role.AUDITOR})
ADMIN = frozenset({Role.ADMIN})

RIGHTS: dict[Right, frozenset[Role]] = {
    Right.OWN_ACCOUNT: frozenset(Role),  # read and end their own sessions, read and correct their own data
    Right.OWN_DATA: CITIZEN,  # read all their stored data and who has read it; erase it
    Right.FILE: CITIZEN | CLERK,  # apply, complain, follow; clerks only for a citizen
    Right.OWN_REQUESTS: CITIZEN,  # read, correct, answer, confirm, dispute, withdraw their own
    Right.READ_REQUEST: CITIZEN | WORKERS | CLERK,  # their own, those at their department, those they filed
    Right.ATTACH: CITIZEN | WORKERS,  # add files to their own requests, evidence to those at their department
    Right.NOTIFICATIONS: CITIZEN,  # read messages sent to them, choose channels
    Right.WORK_MESSAGES: IN_DEPARTMENT | {Role.ADMIN},  # choose where and how often they get messages about work
    Right.MERGE: OFFICERS,  # merge duplicate requests at their department, and separate them
    Right.PUBLISH: OFFICERS,  # release words of requests at their department to the public
    Right.WORK: WORKERS,  # accept, ask, report, transfer, resolve at their department
    Right.TEAMWORK: IN_DEPARTMENT,  # take requests, write internal notes, declare an interest, enter absences
    Right.OVERSEE: OVERSEERS,  # read what is overdue at their department, by officer
    Right.OVERRIDE_VERIFICATION: OFFICERS,  # forward a request that a rule stopped before their department
    Right.MANAGE_CATALOGUE: ADMIN,  # services and their rules
    Right.MANAGE_DEPARTMENTS: ADMIN,  # departments and their credentials
    Right.MANAGE_ROUTING: ADMIN,  # routing rules and areas: draft, try, publish
    Right.MANAGE_PARTNERS: ADMIN,  # organisations whose apps file requests, and their keys
    Right.MANAGE_MESSAGES: ADMIN,  # read the texts of messages, send a test message
    Right.MANAGE_STAFF: ADMIN,  # accounts of staff
    Right.SECOND_FACTOR: STAFF,  # enrol and remove their own second factor
    Right.FILE_FOR_CITIZEN: CLERK,  # find, register, file for a citizen at the counter or on the phone
    Right.READ_AUDIT: AUDITOR,  # the acts of administrators and clerks
    Right.TAKE_MESSAGES: DEPARTMENTS_SOFTWARE,  # read, lease, acknowledge the messages of their department
    Right.REPLAY_MESSAGES: HEADS | DEPARTMENTS_SOFTWARE,  # see the queues of their department, send messages again
    Right.CONNECT_SYSTEMS: HEADS,  # subscriptions of their department's software
}

ENROLLING = frozenset({Right.OWN_ACCOUNT, Right.SECOND_FACTOR})
"""The rights of a session that has to enrol a second factor, or set its own password, first."""
