"""What travels to a cheap phone over 2G stays small."""

from gateway.web.assets import NOT_RUN, Assets

MAX_SCRIPTS = 10 * 1024
MAX_STYLE = 12 * 1024


def test_all_scripts_together_stay_light() -> None:
    weights = Assets().weights()
    scripts = {name: weight for name, weight in weights.items() if name.endswith(".js")}
    assert sum(scripts.values()) <= MAX_SCRIPTS, scripts


def test_the_style_sheet_stays_light() -> None:
    assert Assets().weights()["style.css"] <= MAX_STYLE


def test_scripts_travel_without_what_only_their_writers_need() -> None:
    source = b"// what it does\n\nif (a) {\n  b(); // c\n\n  // why\n  d(`//e`);\n}\n"
    assert NOT_RUN.sub(b"", source) == b"if (a) {\nb(); // c\nd(`//e`);\n}\n"
