"""Faults of requests and upsets of events: by switch, or by a seed that gives the same history again."""

import os
from typing import Any

from flask import jsonify
from flask.typing import ResponseReturnValue

from membership.sandbox.control.asking import bp, done, given, one_of
from membership.sandbox.errors import InvalidParam
from membership.sandbox.faults import KILLS, Fault
from membership.sandbox.hosted import world
from membership.sandbox.luck import Luck
from membership.sandbox.store import Object
from membership.sandbox.upsets import Upset, Upsets
from membership.sandbox.wire import integer

# What a seed chooses from unless it is told: what neither takes long nor ends anybody.
ANY_FAULT = [fault for fault in Fault if fault not in {Fault.NONE, Fault.HANG, *KILLS}]


@bp.get("/faults")
def show_faults() -> ResponseReturnValue:
    """Tell what is in force, and what it struck."""
    faults, upsets = world().faults, world().upsets
    shown: Object = {"modes": faults.modes, "path": faults.path, "times": faults.times, "events": sorted(upsets.kinds)}
    return jsonify(shown | {"struck": faults.struck})


@bp.post("/faults")
def set_faults() -> ResponseReturnValue:
    """Let requests to the API go wrong: all by one `mode`, or a `share` of them by a `seed`."""
    asked = given()
    luck = _luck(asked)
    modes = [one_of(Fault, word, "modes") for word in _words(asked, "modes")] or ANY_FAULT
    if luck is None:
        modes = [one_of(Fault, asked.get("mode"), "mode")]
    times = asked.get("times")
    pid = _pid(asked, modes)
    path = str(asked.get("path", "/v1/"))
    world().faults.set(modes, path, None if times is None else integer(times, "times"), pid, luck)
    return done({"mode": modes[0]} if luck is None else {"modes": modes, "seed": luck.seed, "share": luck.share})


@bp.post("/faults/events")
def set_upsets() -> ResponseReturnValue:
    """Let events go wrong on their way: all by these `kinds`, or a `share` of them by a `seed`."""
    asked = given()
    luck = _luck(asked)
    words = _words(asked, "kinds") or (list(Upset) if luck else [])
    kinds = [one_of(Upset, word, "kinds") for word in words]
    delay = _number(asked, "delay", 0.5)
    with world().lock:
        world().upsets = Upsets(frozenset(kinds), delay, luck)
    return done({"kinds": kinds, "delay": delay})


def _luck(asked: dict[str, Any]) -> Luck | None:
    return Luck(str(asked["seed"]), _number(asked, "share", 0.2)) if "seed" in asked else None


def _words(asked: dict[str, Any], name: str) -> list[str]:
    words = asked.get(name, [])
    return [word for word in words.split(",") if word] if isinstance(words, str) else list(words)


def _number(asked: dict[str, Any], name: str, default: float) -> float:
    try:
        return float(asked.get(name, default))
    except (TypeError, ValueError):
        raise InvalidParam(f"Invalid number: {asked[name]}", param=name) from None


def _pid(asked: dict[str, Any], modes: list[Fault]) -> int | None:
    if not KILLS & set(modes):
        return None
    pid = integer(asked.get("pid", ""), "pid")
    if pid <= 1 or pid in {os.getpid(), os.getppid()}:
        raise InvalidParam("Only a caller can be ended: never this program, its parent or the first process.")
    return pid
