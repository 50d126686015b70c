"""`python -m demo.publication --port 8002 --membership http://localhost:8000 --site open-daily --key FILE`."""

import argparse
import hashlib
import hmac
import os
from contextlib import suppress
from pathlib import Path

from membership_pass import Membership
from werkzeug.serving import make_server

from demo.publication.app import Paper, create_app
from demo.publication.door import Door, following


def main() -> None:
    """Serve the paper until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--membership", required=True, help="Membership's public address")
    parser.add_argument("--site", default="open-daily", help="the slug of `flask sites add`")
    parser.add_argument("--key", required=True, help="the file that holds the site's key, or the variable that does")
    parser.add_argument("--clock-file", type=Path, help="seconds to add to now, for demonstrations")
    chosen = parser.parse_args()
    key = _key(chosen.key)
    paper = Paper(f"http://localhost:{chosen.port}", chosen.membership.rstrip("/"), _cookie_secret(key))
    door = Door(Membership(paper.membership, chosen.site, key), paper.url, following(chosen.clock_file))
    with suppress(KeyboardInterrupt):
        make_server("localhost", chosen.port, create_app(paper, door), threaded=True).serve_forever()


def _key(source: str) -> str:
    path = Path(source)
    return path.read_text().strip() if path.is_file() else os.environ[source]


def _cookie_secret(key: str) -> str:
    return hmac.new(key.encode(), b"cookies of the open daily", hashlib.sha256).hexdigest()


if __name__ == "__main__":
    main()
