"""OpenID Connect, so that WordPress, Discourse or any other client can sign readers in."""
