import pytest

from tests.conftest import make_settings
from tests.mail.postbox import open_postbox


@pytest.fixture
def postbox():
    with open_postbox(enable_SMTPUTF8=True) as box:
        yield box


@pytest.fixture
def settings(database_url, tmp_path, postbox):
    return make_settings(database_url=database_url, pass_keys_dir=tmp_path / "keys", smtp_url=postbox.url)
