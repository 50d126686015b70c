"""After the vote: what was reported, and a result as a picture."""

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from membership.db import session
from membership.stories import service
from membership.stories.pictures import draw
from membership.stories.posters import make_poster
from membership.topics.models import TopicState
from membership.voting import service as voting
from membership.web import settings

bp = Blueprint("stories", __name__)
PICTURE_SECONDS = 24 * 3600


@bp.app_template_filter("of_ours")
def of_ours(path: str) -> str:
    """Write a path of ours as the full address that others need."""
    return settings().public_url.rstrip("/") + path


@bp.get("/reported")
def browse() -> ResponseReturnValue:
    """Show what members chose, and what became of each."""
    stories = service.list_stories(session())
    return render_template(
        "stories/reported.html",
        reported=[story for story in stories if story.topic.state is TopicState.PUBLISHED],
        owed=[story for story in stories if story.topic.state in {TopicState.CHOSEN, TopicState.ASSIGNED}],
        dropped=[story for story in stories if story.topic.state is TopicState.DROPPED],
        kept=service.count_promises(session()),
    )


@bp.get("/vote/<slug>/result.png")
def picture(slug: str) -> ResponseReturnValue:
    """Show the result of a vote as a picture."""
    round = voting.get_announced_round(session(), slug)
    voting.unseal(round)
    response = Response(draw(make_poster(round, settings().publication_name)), content_type="image/png")
    response.cache_control.public, response.cache_control.max_age = True, PICTURE_SECONDS
    response.add_etag()
    return response.make_conditional(request)
