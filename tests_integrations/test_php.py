"""The PHP library holds to the corpus that all libraries share, by PHPUnit."""

import os
import subprocess
from pathlib import Path

from tests.integrations.corpus import write_corpus

FOLDER = Path(__file__).parents[1] / "integrations" / "php"


def test_the_php_library_refuses_and_believes_as_ours_does(tmp_path):
    environment = os.environ | {"CORPUS": str(write_corpus(tmp_path / "corpus.json"))}
    strict = ["--do-not-cache-result", "--fail-on-warning", "--fail-on-risky"]
    done = subprocess.run(
        ["phpunit", *strict, "tests"], cwd=FOLDER, env=environment, capture_output=True, text=True, timeout=60
    )

    assert done.returncode == 0, done.stdout
    assert "OK (" in done.stdout
