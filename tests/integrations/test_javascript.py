"""The JavaScript library holds to the same corpus, in a real Node."""

import os
import subprocess
from pathlib import Path

from tests.integrations.corpus import write_corpus

FOLDER = Path(__file__).parents[2] / "integrations" / "javascript"


def test_the_javascript_library_refuses_and_believes_as_ours_does(tmp_path):
    environment = os.environ | {"CORPUS": str(write_corpus(tmp_path / "corpus.json"))}
    done = subprocess.run(
        ["node", "--test", "test/"], cwd=FOLDER, env=environment, capture_output=True, text=True, timeout=60
    )

    assert done.returncode == 0, done.stdout
    assert "# fail 0" in done.stdout
