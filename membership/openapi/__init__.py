"""The API's own description, OpenAPI 3.1, written from the code: `@described(…)` on a route says what types cannot."""

from membership.openapi.descriptions import By, Description, Parameter, described

__all__ = ["By", "Description", "Parameter", "described"]
