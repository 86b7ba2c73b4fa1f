"""The sample programs of the page "Connect your system"."""

from deploy.local.home import ROOT
from gateway.web.connecting.samples import LANGUAGES, queue_samples, samples_of
from tests.cases import cases

FOLDERS = {"py": "python", "mjs": "node"}
FILES = {"pull": "pull", "webhook": "webhook", "queue": "queue_reader"}
QUEUE = {"queue": "department.water.gis", "user": "department.water.gis"}


@cases("kind", FILES)
def test_each_program_is_the_example_that_is_tried_on_a_running_suite(kind: str) -> None:
    one = {"kind": kind, "id": "sub_1"}
    found = queue_samples(QUEUE) if kind == "queue" else samples_of(one, "water", "https://rabta.example")
    for sample, (language, suffix) in zip(found, LANGUAGES, strict=True):
        example = ROOT / "examples" / FOLDERS[suffix] / f"{FILES[kind]}.{suffix}"
        assert (sample.language, sample.text) == (language, example.read_text(encoding="utf-8"))
        for line in sample.setup.splitlines():
            name = line.removeprefix("export ").partition("=")[0]
            assert name in sample.text, name


def test_the_values_are_those_of_the_connection() -> None:
    [sample, _] = samples_of({"kind": "pull", "id": "sub_1"}, "water", "https://rabta.example")
    assert "export RABTA_SUBSCRIPTION=sub_1" in sample.setup.splitlines()
    assert "export RABTA_CLIENT_ID=department.water" in sample.setup.splitlines()
    [sample, _] = queue_samples(QUEUE)
    assert "export RABTA_QUEUE=department.water.gis" in sample.setup.splitlines()
