"""A real WordPress from Debian's package, with a MariaDB of its own, our plugin in it, for the length of the tests."""

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests_integrations.programs import free_port, running

ROOT = Path(__file__).parents[1]
WORDPRESS = Path("/usr/share/wordpress")
HERE = Path(__file__).parent / "wordpress"
CONFIG = """<?php
define('DB_NAME', 'wordpress'); define('DB_USER', '{user}'); define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:{folder}/mysql.sock'); define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $name) {{
    define($name . '_KEY', 'key of ' . $name); define($name . '_SALT', 'salt of ' . $name);
}}
define('WP_HTTP_BLOCK_EXTERNAL', true); define('WP_ACCESSIBLE_HOSTS', '127.0.0.1,localhost');
define('DISABLE_WP_CRON', true); define('WP_HOME', '{address}'); define('WP_SITEURL', '{address}');
define('WP_DEBUG', true); define('WP_DEBUG_DISPLAY', false); define('WP_DEBUG_LOG', '{folder}/debug.log');
$table_prefix = 'wp_';
defined('ABSPATH') || define('ABSPATH', __DIR__ . '/');
require ABSPATH . 'wp-settings.php';
"""


@dataclass(frozen=True)
class WordPress:
    """Where the site is, where its files are, and the number of each article by its name."""

    address: str
    folder: Path
    articles: dict[str, int]

    @property
    def complaints(self) -> str:
        """What PHP said against our plugin."""
        log = self.folder / "debug.log"
        return "\n".join(line for line in log.read_text().splitlines() if "membership" in line) if log.exists() else ""


@contextmanager
def wordpress(folder: Path, membership: str) -> Iterator[WordPress]:
    """Install and serve a WordPress that knows Membership at this address as the site `daily`."""
    port = free_port()
    address, root = f"http://127.0.0.1:{port}", folder / "site"
    with _mariadb(folder):
        shutil.copytree(WORDPRESS, root, symlinks=False, ignore=shutil.ignore_patterns("wp-config.php", "plugins"))
        plugin = folder / "membership.zip"
        subprocess.run(["make", "-s", "wordpress-plugin", f"ZIP={plugin}"], cwd=ROOT, check=True, timeout=60)
        shutil.unpack_archive(plugin, root / "wp-content" / "plugins")
        user = "root" if os.geteuid() == 0 else os.environ["USER"]
        (root / "wp-config.php").write_text(CONFIG.format(folder=folder, address=address, user=user))
        settings = {"url": membership, "site": "daily", "key": "", "audience": "aud-daily"}
        articles = _php(HERE / "setup.php", str(root), json.dumps(settings))
        # Several at once: it asks itself, and a page's script asks while the page is still read.
        serves = ["php", "-S", f"127.0.0.1:{port}", "-t", str(root), str(HERE / "router.php")]
        with running(serves, port, folder / "php.log", env=os.environ | {"PHP_CLI_SERVER_WORKERS": "4"}):
            yield WordPress(address, folder, json.loads(articles))


def set_key(site: WordPress, key: str) -> None:
    """Give the site its key, as its settings page would, and have it forget the Membership of the test before."""
    code = f"""require '{site.folder}/site/wp-load.php';
        update_option('membership', ['key' => '{key}'] + get_option('membership'));
        delete_transient('membership_down');
        delete_option('membership_keys');"""
    subprocess.run(["php", "-r", code], check=True, capture_output=True, timeout=30)


@contextmanager
def _mariadb(folder: Path) -> Iterator[None]:
    data, sock = folder / "mysql", folder / "mysql.sock"
    own = ["--no-defaults", f"--datadir={data}", *(["--user=root"] if os.geteuid() == 0 else [])]
    made = ["mariadb-install-db", *own, "--auth-root-authentication-method=normal", "--skip-test-db"]
    subprocess.run(made, check=True, capture_output=True, timeout=60)
    quick = ["--skip-networking", f"--socket={sock}", f"--pid-file={folder}/mysql.pid", "--innodb-flush-method=nosync"]
    with (folder / "mysql.log").open("wb") as log:
        process = subprocess.Popen(["/usr/sbin/mariadbd", *own, *quick], stdout=log, stderr=log)
    try:
        _wait_for_socket(sock, folder / "mysql.log")
        subprocess.run(
            ["mariadb", "--no-defaults", f"--socket={sock}", "-uroot", "-e", "CREATE DATABASE wordpress"], check=True
        )
        yield
    finally:
        process.terminate()
        process.wait(30)


def _wait_for_socket(path: Path, log: Path) -> None:
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(str(path)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(log.read_text()[-2000:])


def _php(script: Path, *arguments: str) -> str:
    done = subprocess.run(["php", str(script), *arguments], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout.splitlines()[-1]
