"""Which groups of requests may be published, so that nobody learns of fewer than five by subtraction either.

The published groups are a total, its parts by department, the parts of a department by service, the parts of the
total by district, and the table of departments by districts. docs/adr/0047-public-figures.md says why no others are.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TypeVar

FEWEST = 5
REST = ""
"""Stands for all departments, or all districts, that are not shown."""
K = TypeVar("K")
Place = tuple[str, str]
"""A department and a district."""
Line = tuple[int, str]
"""A row (0, department) or a column (1, district) of their table."""


def parts_shown(whole: int, parts: Mapping[K, int]) -> set[K]:
    """The parts of a shown whole that may be shown: each has at least five, and so have all others together."""
    if whole < FEWEST:
        return set()
    shown = {part for part, n in parts.items() if n >= FEWEST}
    smallest_last = sorted(shown, key=lambda part: (-parts[part], str(part)))
    while 0 < sum(n for part, n in parts.items() if part not in shown) < FEWEST:
        shown.remove(smallest_last.pop())
    return shown


def places_shown(sizes: Mapping[Place, int], departments: Collection[str], districts: Collection[str]) -> set[Place]:
    """The places that may be shown beside the shown departments and districts.

    In each department and district those that are not shown have together at least five, and none of them can be
    calculated. An empty place looks like one with too few. The order of the sizes makes no difference: what one count
    hides, the next one must not show.
    """
    grid = _merged(sizes, departments, districts)
    shown = {place for place, n in grid.items() if n >= FEWEST and REST not in place}
    while lines := _weak_lines(grid, shown):
        beside = [place for place in shown if any(place[side] == name for side, name in lines)]
        if not beside:
            return set()
        shown.remove(min(beside, key=lambda place: (grid[place], place)))
    return shown


def _merged(sizes: Mapping[Place, int], departments: Collection[str], districts: Collection[str]) -> dict[Place, int]:
    """The sizes with all that is not shown as one department, and as one district."""
    grid: dict[Place, int] = defaultdict(int)
    for (department, district), n in sizes.items():
        place = department if department in departments else REST, district if district in districts else REST
        grid[place] += n
    return {place: n for place, n in sorted(grid.items()) if n > 0}


def _weak_lines(grid: Mapping[Place, int], shown: Collection[Place]) -> list[Line]:
    """Departments and districts of which one more place must be hidden; none if all is well."""
    sums: dict[Line, int] = defaultdict(int)
    for place, n in grid.items():
        for line in lines_of(place):
            sums[line] += 0 if place in shown else n
    if few := [line for line, n in sums.items() if 0 < n < FEWEST]:
        return few
    rows, columns = ([name for (at, name), n in sums.items() if at == side and n] for side in (0, 1))
    unknown = [(row, column) for row in rows for column in columns if (row, column) not in shown]
    for place in bridges(unknown):
        ends = [line for line in lines_of(place) if sum(place[line[0]] == other[line[0]] for other in unknown) == 1]
        return ends or list(lines_of(place))
    return []


def lines_of(place: Place) -> tuple[Line, Line]:
    """The row and the column of a place."""
    return (0, place[0]), (1, place[1])


def bridges(unknown: Iterable[Place]) -> Iterator[Place]:
    """The unknown places that can be calculated from the sums of their rows and columns.

    In the graph in which each place joins its row and its column, these are the bridges: edges that lie on no circle
    (found by depth-first search: from the end of a bridge no way leads back to its start).
    """
    joined: dict[Line, list[Line]] = defaultdict(list)
    for place in unknown:
        row, column = lines_of(place)
        joined[row].append(column)
        joined[column].append(row)
    order: dict[Line, int] = {}
    for start in joined:
        if start not in order:
            yield from _bridges_from(start, joined, order)


def _bridges_from(start: Line, joined: Mapping[Line, list[Line]], order: dict[Line, int]) -> Iterator[Place]:
    order[start] = len(order)
    back = {start: order[start]}
    path: list[tuple[Line, Line | None, Iterator[Line]]] = [(start, None, iter(joined[start]))]
    while path:
        node, parent, following = path[-1]
        for line in following:
            if line not in order:
                order[line] = back[line] = len(order)
                path.append((line, node, iter(joined[line])))
                break
            if line != parent:
                back[node] = min(back[node], order[line])
        else:
            path.pop()
            if parent is not None:
                back[parent] = min(back[parent], back[node])
                if back[node] > order[parent]:
                    row, column = sorted((node, parent))
                    yield row[1], column[1]
