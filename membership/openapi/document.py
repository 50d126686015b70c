"""Write the document from the routes and what they say of themselves."""

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Map, Rule

from membership.openapi.descriptions import By, Description, Parameter

Views = Mapping[str, Any]
Json = dict[str, Any]
METHODS = frozenset({"GET", "POST", "DELETE"})
REF = "#/components/schemas/{model}"
PROBLEM = "application/problem+json"
REFUSALS = {
    400: "It cannot be understood; `detail` says why.",
    401: "The key, or the sign-in, is missing or not valid.",
    403: "It may not be asked in this way.",
    404: "It does not exist, or not for the one who asks.",
    409: "It cannot be done as things stand now.",
    413: "It is more than is taken in one go.",
    415: "This kind of content is not read.",
    422: "The Idempotency-Key was used for another request.",
    429: "The quota is used up; `Retry-After` says for how many seconds.",
}
IDEMPOTENCY_KEY = Parameter(
    "Sent again under the same key, it is done once and answered alike.", r"^[!#-+\--:<-~]{1,255}$"
)
SECURITY = {
    By.KEY: {"type": "http", "scheme": "bearer", "description": "The key of `flask sites add`; keep it on a server."},
    By.READER: {"type": "apiKey", "in": "cookie", "name": "membership", "description": "A reader's sign-in."},
}
PROBLEM_SCHEMA = {
    "type": "object",
    "description": "A refusal, RFC 9457.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "description": "The refusal's name; stable."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence for a person."},
        "request_id": {"type": ["string", "null"]},
    },
}


def write_document(routes: Map, views: Views, *, server: str, version: str) -> Json:
    """Write OpenAPI 3.1 for every described route."""
    rules = sorted(routes.iter_rules(), key=lambda rule: rule.rule)
    found = [(rule, views[rule.endpoint]) for rule in rules if hasattr(views[rule.endpoint], "described")]
    paths: dict[str, Json] = {}
    for rule, view in found:
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for method in sorted(METHODS.intersection(rule.methods or ())):
            paths.setdefault(path, {})[method.lower()] = _operation(rule, view)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Membership", "version": version, "description": _intro()},
        "servers": [{"url": server}],
        "paths": paths,
        "components": {"schemas": _schemas([view.described for _, view in found]), "securitySchemes": _security()},
    }


def _operation(rule: Rule, view: Any) -> Json:
    said: Description = view.described
    operation: Json = {
        "operationId": rule.endpoint.replace(".", "_"),
        "summary": said.summary,
        "description": inspect.cleandoc(view.__doc__ or ""),
        "tags": [said.tag],
        "parameters": [*_parameters(rule, said, view)],
        "responses": _responses(rule, said, view),
        "security": [] if said.by is By.ANYBODY else [{said.by.value: []}],
    }
    if said.takes is not None:
        content = {"application/json": {"schema": _ref(said.takes)}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _parameters(rule: Rule, said: Description, view: Any) -> Iterator[Json]:
    for name, parameter in said.parameters.items():
        yield _parameter(name, "path" if name in rule.arguments else "query", parameter)
    if said.is_kept:
        yield _parameter("If-None-Match", "header", Parameter("The ETag of the answer that is kept."))
    if getattr(view, "is_once", False):
        yield _parameter("Idempotency-Key", "header", IDEMPOTENCY_KEY)


def _parameter(name: str, where: str, said: Parameter) -> Json:
    schema = {"type": "string"} | ({"pattern": said.pattern} if said.pattern else {})
    needed = said.is_needed or where == "path"
    return {"name": name, "in": where, "required": needed, "schema": schema, "description": said.words}


def _responses(rule: Rule, said: Description, view: Any) -> Json:
    responses: Json = {}
    if said.gives is None:
        responses["204"] = {"description": "Done."}
    else:
        responses["200"] = {"description": said.summary, "content": _content(said.gives)}
    if said.is_kept:
        responses["304"] = {"description": "Nothing has changed since the ETag."}
    expected = {404} if rule.arguments or said.by is By.KEY else set()
    expected |= {400} if said.takes or said.parameters else set()
    expected |= {413, 415} if said.takes else set()
    expected |= {401, 403, 429} if said.by is By.KEY else {401, 403} if said.by is By.READER else set()
    expected |= {409, 422} if getattr(view, "is_once", False) else set()
    for status, words in (REFUSALS | dict(said.statuses)).items():
        if status in expected or status in said.statuses:
            problem = {PROBLEM: {"schema": {"$ref": REF.format(model="Problem")}}}
            responses[str(status)] = {"description": words} | ({} if status in said.statuses else {"content": problem})
    return responses


def _content(gives: type[BaseModel] | str) -> Json:
    return {gives: {}} if isinstance(gives, str) else {"application/json": {"schema": _ref(gives)}}


def _ref(model: type[BaseModel]) -> Json:
    return {"$ref": REF.format(model=model.__name__)}


def _schemas(said: list[Description]) -> Json:
    taken = {(one.takes, "validation") for one in said if one.takes}
    given = {(one.gives, "serialization") for one in said if isinstance(one.gives, type)}
    models: Any = sorted(taken | given, key=lambda pair: pair[0].__name__)
    _, definitions = models_json_schema(models, ref_template=REF)
    return {**definitions.get("$defs", {}), "Problem": PROBLEM_SCHEMA}


def _security() -> Json:
    return {by.value: scheme for by, scheme in SECURITY.items()}


def _intro() -> str:
    return (
        "What a publication's site asks: passes, decisions, links, votes. Errors are problems by RFC 9457, times RFC "
        "3339 in UTC, amounts `{minor, currency}`. See docs/connect-a-site.md for which way to choose."
    )
