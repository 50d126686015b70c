"""Where a process can end with something half done: around each commit, each call to Stripe, each piece of work, each
letter handed over. They are counted as they come; at the wanted one the process is killed, as by a lost machine."""

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask

from membership.gateway.stripe_gateway.line import Line
from membership.mail import handlers as mail_handlers
from membership.webhooks import handlers as event_handlers
from tests.sandbox.process import Sandbox

COMMIT, LETTER = "commit", "letter handed over"


class Points:
    """Counts the points that are come to, and ends this process at one of them.

    `passed` are the words of all, each with how many things had been done by then that outlive the process. Between two
    such things nothing else is left of a killed process, so that it is the same where in between it was killed.
    """

    def __init__(self, app: Flask, sandbox: Sandbox, deadly: int | None) -> None:
        self.passed: list[tuple[str, int]] = []
        self._sandbox, self._deadly, self._lasting = sandbox, deadly, 0
        dialect, worker = app.extensions["engine"].dialect, app.extensions["worker"]
        dialect.do_commit = self._around(COMMIT, dialect.do_commit)
        worker.handlers = {kind: self._around(f"work {kind}", do) for kind, do in worker.handlers.items()}
        worker.together = {kind: self._around(f"work {kind} together", do) for kind, do in worker.together.items()}
        # How much is done together does not depend on how busy this machine is: the points are the same each time.
        event_handlers.LONGEST = timedelta(hours=1)
        mail_handlers.send = self._around(LETTER, mail_handlers.send)
        Line.request = self._asking(Line.request)

    def _come_to(self, words: str, lasting: int = 0) -> None:
        if self._is_deadly(words, lasting):
            os.kill(os.getpid(), signal.SIGKILL)

    def _is_deadly(self, words: str, lasting: int = 0) -> bool:
        self.passed.append((words, self._lasting + lasting))
        return len(self.passed) - 1 == self._deadly

    def _around(self, words: str, do: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*args: Any, **kwargs: Any) -> Any:
            self._come_to(f"before {words}")
            done = do(*args, **kwargs)
            self._lasting += words in {COMMIT, LETTER}
            self._come_to(f"after {words}")
            return done

        return watched

    def _asking(self, ask: Callable[..., Any]) -> Callable[..., Any]:
        def request(line: Line, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
            words, lasting = f"{method} at Stripe", method != "get"
            self._come_to(f"before {words}")
            # The provider kills whoever asks, before or after it has done what it was asked for.
            for mode in ("kill_before", "kill_after"):
                if self._is_deadly(f"{words}, {mode}", lasting and mode == "kill_after"):
                    self._sandbox.post("/_sandbox/faults", {"mode": mode, "times": 1, "pid": os.getpid()})
            answer = ask(line, method, url, *args, **kwargs)
            self._lasting += lasting
            self._come_to(f"after {words}")
            return answer

        return request
