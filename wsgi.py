"""The WSGI entry: `gunicorn wsgi:app`."""

from membership import create_app

app = create_app()
