"""Scripts and style sheet stay small enough for 2G."""

from gateway.web.assets import NOT_RUN, Assets

MAX_SCRIPTS = 12 * 1024
MAX_STYLE = 12 * 1024
WEIGHTS = {name: len(asset.zipped) for name, asset in Assets()._by_name.items()}


def test_all_scripts_have_a_maximum_size() -> None:
    scripts = {name: weight for name, weight in WEIGHTS.items() if name.endswith(".js")}
    assert sum(scripts.values()) <= MAX_SCRIPTS, scripts


def test_style_sheet_has_a_maximum_size() -> None:
    assert WEIGHTS["style.css"] <= MAX_STYLE


def test_comments_and_indentation_of_scripts_are_removed() -> None:
    source = b"// what it does\n\nif (a) {\n  b(); // c\n\n  // why\n  d(`//e`);\n}\n"
    assert NOT_RUN.sub(b"", source) == b"if (a) {\nb(); // c\nd(`//e`);\n}\n"
