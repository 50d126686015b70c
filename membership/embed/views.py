"""The script for the publication's pages: the same for everybody, so that caches may keep it."""

import gzip
import hashlib
import re
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

bp = Blueprint("embed", __name__)

SOURCE = Path(__file__).parents[1] / "static" / "embed.js"
ALWAYS = "public, max-age=31536000, immutable"
AN_HOUR = "public, max-age=3600, stale-while-revalidate=86400, stale-if-error=604800"
_INDENT = re.compile(r"^ +|^//.*\n", re.MULTILINE)


@bp.get("/embed.js")
def script() -> ResponseReturnValue:
    """Give the script; under `?v=` and its version it never changes."""
    is_small = "gzip" in request.headers.get("Accept-Encoding", "")
    response = Response(packed() if is_small else source(), content_type="text/javascript; charset=utf-8")
    if is_small:
        response.headers["Content-Encoding"] = "gzip"
    response.headers |= {
        "Cache-Control": ALWAYS if request.args.get("v") == version() else AN_HOUR,
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Vary": "Accept-Encoding",
    }
    response.set_etag(version(), weak=True)
    return response.make_conditional(request)


@cache
def source() -> bytes:
    """Return the script without its comments and indents."""
    return _INDENT.sub("", SOURCE.read_text(encoding="utf-8")).encode()


@cache
def packed() -> bytes:
    """Return the script as it goes over the wire."""
    return gzip.compress(source(), mtime=0)


@cache
def version() -> str:
    """Name what the script says now."""
    return hashlib.sha256(source()).hexdigest()[:16]
