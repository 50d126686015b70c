"""The newest revision, read without Alembic, is the one that Alembic finds."""

import subprocess
import sys

from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from membership.operations import migrations
from membership.operations.revisions import newest


def test_the_newest_revision_is_alembic_s_own():
    heads = ScriptDirectory.from_config(migrations.configuration(create_engine("sqlite://"))).get_heads()

    assert newest(migrations.MIGRATIONS / "versions") == set(heads)


def test_two_lines_of_work_have_two_ends(tmp_path):
    (tmp_path / "a.py").write_text('revision = "a"\ndown_revision = None\n')
    (tmp_path / "b.py").write_text('revision: str = "b"\ndown_revision: str = "a"\n')
    (tmp_path / "c.py").write_text('revision = "c"\ndown_revision = "a"\n')

    assert newest(tmp_path) == {"b", "c"}


def test_a_web_process_does_without_what_few_requests_need():
    code = (
        "import sys, membership.app; print([name for name in ('alembic', 'PIL', 'rapidfuzz') if name in sys.modules])"
    )

    told = subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, capture_output=True, text=True)
    assert told.stdout.strip() == "[]"
