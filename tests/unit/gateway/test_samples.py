"""The sample programs of the page "Connect your system"."""

from gateway.web.connecting.samples import LANGUAGES, queue_samples, samples_of
from tests.cases import cases

QUEUE = {"queue": "department.water.gis", "user": "department.water.gis"}


@cases("kind", ("pull", "webhook", "queue"))
def test_each_program_reads_the_variables_that_are_set(kind: str) -> None:
    one = {"kind": kind, "id": "sub_1"}
    found = queue_samples(QUEUE) if kind == "queue" else samples_of(one, "water", "https://rabta.example")
    assert [sample.language for sample in found] == list(LANGUAGES)
    for sample in found:
        for line in sample.setup.splitlines():
            name = line.removeprefix("export ").partition("=")[0]
            assert name in sample.text, name


def test_the_values_are_those_of_the_connection() -> None:
    [sample, _] = samples_of({"kind": "pull", "id": "sub_1"}, "water", "https://rabta.example")
    assert "export RABTA_SUBSCRIPTION=sub_1" in sample.setup.splitlines()
    assert "export RABTA_CLIENT_ID=department.water" in sample.setup.splitlines()
    [sample, _] = queue_samples(QUEUE)
    assert "export RABTA_QUEUE=department.water.gis" in sample.setup.splitlines()
