"""The page tells what the proofs have left, and nothing else."""

from tests.proof.figures import Figures, Table, leave, read
from tests.proof.page import render

FOUND = Figures(
    name="orders",
    title="Orders",
    says="Every order of a life.",
    command="python -m tests.orders",
    counts={"orders": 1720},
    differences=0,
    seconds=12.3,
    tables=(Table("By event", ("Event", "Times"), (("invoice.paid", 1720),)),),
)


def test_what_a_proof_leaves_is_what_the_page_tells(tmp_path):
    leave(tmp_path, FOUND)
    page = render(read(tmp_path))

    assert read(tmp_path) == [FOUND]
    assert "| orders | 1,720 |" in page
    assert "| invoice.paid | 1,720 |" in page
    assert "Differences left, all proofs together: **0**" in page


def test_a_proof_run_again_replaces_what_it_left(tmp_path):
    for _ in range(2):
        leave(tmp_path, FOUND)

    assert len(read(tmp_path)) == 1
