"""City files for tests: the columns that the cities publish, with invented rows."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from deploy.cli.demo.rows import Row, choose_mapping, read_row

BOSTON = next(csv.reader([
    "case_enquiry_id,open_dt,target_dt,closed_dt,ontime,case_status,closure_reason,case_title,subject,reason,type,"
    "queue,department,submittedphoto,closedphoto,location,fire_district,pwd_district,city_council_district,"
    "police_district,neighborhood,neighborhood_services_district,ward,precinct,location_street_name,"
    "location_zipcode,latitude,longitude,source"
]))  # fmt: skip
NYC = next(csv.reader([
    "Unique Key,Created Date,Closed Date,Agency,Agency Name,Complaint Type,Descriptor,Location Type,Incident Zip,"
    "Incident Address,Street Name,Cross Street 1,Cross Street 2,Intersection Street 1,Intersection Street 2,"
    "Address Type,City,Landmark,Facility Type,Status,Due Date,Resolution Description,"
    "Resolution Action Updated Date,Community Board,BBL,Borough,X Coordinate (State Plane),"
    "Y Coordinate (State Plane),Open Data Channel Type,Park Facility Name,Park Borough,Vehicle Type,"
    "Taxi Company Borough,Taxi Pick Up Location,Bridge Highway Name,Bridge Highway Direction,Road Ramp,"
    "Bridge Highway Segment,Latitude,Longitude,Location"
]))  # fmt: skip


def boston_row(n: int, **more: str) -> dict[str, str]:
    """A closed row of Boston with the id `n`."""
    return {
        "case_enquiry_id": f"9010000{n:05}",
        "open_dt": "2022-01-21 13:47:00",
        "target_dt": "2022-02-04 13:47:30",
        "closed_dt": "2022-01-25 09:12:41",
        "case_status": "Closed",
        "closure_reason": "Case Closed. Closed date : Tue Jan 25 09:12:41 EST 2022 Resolved Pot hole repaired ",
        "case_title": "Request for Pothole Repair",
        "reason": "Highway Maintenance",
        "type": "Request for Pothole Repair",
        "queue": "PWDx_Test",
        "department": "PWDx",
        "location": f"{n} Test St  Boston  MA  02134",
        "latitude": "42.3551",
        "longitude": "-71.1327",
        "source": "Citizens Connect App",
        **more,
    }


def nyc_row(n: int, **more: str) -> dict[str, str]:
    """A closed row of New York with the id `n`."""
    return {
        "Unique Key": f"9{n:07}",
        "Created Date": "05/01/2022 12:00:09 AM",
        "Closed Date": "05/01/2022 12:07:46 PM",
        "Agency": "NYPD",
        "Agency Name": "New York City Police Department",
        "Complaint Type": "Noise - Street/Sidewalk",
        "Descriptor": "Loud Music/Party",
        "Location Type": "Street/Sidewalk",
        "Incident Zip": "10027",
        "Incident Address": f"{n} WEST  127 STREET",
        "City": "NEW YORK",
        "Status": "Closed",
        "Resolution Description": "The Police Department responded to the complaint and took action.",
        "Borough": "MANHATTAN",
        "Open Data Channel Type": "MOBILE",
        "Latitude": "40.8123",
        "Longitude": "-73.9524",
        **more,
    }


def write_file(path: Path, header: list[str], rows: Iterable[Mapping[str, str]], blank: str = "") -> Path:
    """Write a file; columns that a row does not have contain `blank`."""
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, header, restval=blank)
        writer.writeheader()
        writer.writerows(rows)
    return path


def read_boston_row(n: int = 1, **more: str) -> Row:
    """A row of Boston as the demo reads it."""
    cells = boston_row(n, **more)
    return read_row(n, {column: cells.get(column, " ") for column in BOSTON}, choose_mapping(BOSTON))
