#!/usr/bin/env python3
"""Count a vote again from its public record, with nothing but Python: python3 recount.py result.json

It follows docs/voting.md, shares no code with the service, and exits with 0 if the same, 1 if not, 2 if it cannot.
"""

import hashlib
import json
import pathlib
import sys

UNIT = 100_000  # votes are counted in hundred-thousandths
SHIELDED_BELOW = 5  # with fewer voters of one weight, the figures by persons are not published


def lot(seed, slug):  # the smaller the better
    return hashlib.sha256((seed + slug).encode()).hexdigest()


def count_ranked(rankings, topics, seats, seed):
    """Scottish STV (SSI 2007/42, schedule 1, rules 45 to 51); rankings are [slugs, votes]."""
    taking_part = sorted({slug for ranking, _ in rankings for slug in ranking})
    quota = (sum(votes for _, votes in rankings) // (seats + 1) + 1) * UNIT
    papers = [{"ranking": ranking, "votes": votes, "value": UNIT, "at": ranking[0]} for ranking, votes in rankings]
    running, elected, excluded, surpluses, steps = set(taking_part), [], [], [], []
    totals, spent = dict.fromkeys(taking_part, 0), 0
    for paper in papers:
        totals[paper["at"]] += paper["votes"] * UNIT

    def history(slug):
        return [totals[slug]] + [step["totals"][slug] for step in reversed(steps)]

    def best_first(slugs):
        return sorted(sorted(slugs, key=lambda slug: lot(seed, slug)), key=history, reverse=True)

    def equals(slug, among):
        same = sorted(other for other in among if history(other) == history(slug))
        return same if len(same) > 1 else []

    def note(kind, topic, lots, winners=None):
        won = best_first(winners or [slug for slug in running if totals[slug] >= quota])
        running.difference_update(won)
        elected.extend(won)
        surpluses.extend(slug for slug in won if totals[slug] > quota)
        stands = {"totals": dict(totals), "spent": spent, "elected": won, "lots": lots}
        steps.append({"kind": kind, "topic": topic} | stands)

    def pass_on(slug, part, whole):
        moved = 0
        for paper in [paper for paper in papers if paper["at"] == slug]:
            after = paper["ranking"][paper["ranking"].index(slug) + 1 :]
            paper["at"] = next((other for other in after if other in running), None)
            paper["value"] = part * paper["value"] // whole
            if paper["at"]:
                totals[paper["at"]] += paper["value"] * paper["votes"]
                moved += paper["value"] * paper["votes"]
        return moved

    note("first", None, [])
    while len(elected) < seats and running:
        free = seats - len(elected)
        leader = max(running, key=lambda slug: totals[slug])
        others = sum(totals[slug] for slug in running) - totals[leader]
        coming = sum(totals[slug] - quota for slug in surpluses)
        if len(running) <= free:
            note("rest", None, [], set(running))
        elif free == 1 and totals[leader] > others + coming:
            note("rest", None, [], {leader})
        elif surpluses:
            slug, lots = best_first(surpluses)[0], equals(best_first(surpluses)[0], surpluses)
            surpluses.remove(slug)
            total, totals[slug] = totals[slug], quota
            spent += total - quota - pass_on(slug, total - quota, total)
            note("surplus", slug, lots)
        else:
            slug, lots = best_first(running)[-1], equals(best_first(running)[-1], running)
            running.remove(slug)
            excluded.append(slug)
            spent += totals.pop(slug) - pass_on(slug, 1, 1)
            note("exclusion", slug, lots)
    unranked = sorted(set(topics) - set(taking_part), key=lambda slug: lot(seed, slug))
    order = elected + best_first(running) + excluded[::-1] + unranked
    drawn = list(dict.fromkeys(slug for step in steps for slug in step["lots"]))
    return order, elected, drawn, {"quota": quota, "steps": steps, "order": order}


def count_sums(totals, topics, seats, seed):
    """Most first, lots between equals; what got nothing is not chosen."""
    order = sorted(topics, key=lambda slug: (-totals[slug], lot(seed, slug)))
    edge = [totals[slug] for slug in order[seats - 1 : seats + 1]]
    tied = [slug for slug in order if len(edge) == 2 and edge[0] == edge[1] == totals[slug] > 0]
    return order, [slug for slug in order[:seats] if totals[slug]], tied, None


def count(record, weigh):
    topics = [topic["slug"] for topic in record["topics"]]
    totals, rankings = dict.fromkeys(topics, 0), []
    for ballot in record["ballots"]:
        weight, marks = weigh(ballot), ballot["marks"]
        if record["method"] == "ranked":
            rankings.append([marks, weight])
            marks = marks[:1]
        for slug in marks:
            totals[slug] += weight * (marks[slug] if isinstance(marks, dict) else 1)
    counted = count_ranked if rankings else count_sums
    return totals, *counted(rankings or totals, topics, record["seats"], record["tie_seed"])


def tally(record):
    ballots, weights = record["ballots"], [range(4).index(ballot["weight"]) for ballot in record["ballots"]]
    totals, order, chosen, tied, transfers = count(record, lambda ballot: ballot["weight"])
    persons, _, by_persons, _, transfers_by_persons = count(record, lambda ballot: 1)
    is_shielded = len(set(weights)) > 1 and min(map(weights.count, set(weights))) < SHIELDED_BELOW
    is_quorate = len(ballots) >= (needed := -(-record["roll"]["members"] * record["quorum_percent"] // 100))
    topics = [
        {"slug": slug, "weighted": totals[slug], "persons": None if is_shielded else persons[slug]}
        | {"is_chosen": is_quorate and slug in chosen, "is_chosen_by_persons": is_quorate and slug in by_persons}
        for slug in order
    ]
    told = {"ballots": len(ballots), "weight": sum(weights), "needed": needed, "topics": topics, "tied": tied}
    return told | {"transfers": transfers, "transfers_by_persons": None if is_shielded else transfers_by_persons}


def recount(published):
    record = json.loads(published)
    counted = {**record, "tally": tally(record)}
    return json.dumps(counted, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def main(words):
    try:
        published = pathlib.Path(*words).read_bytes()
        if json.loads(published)["ballots"] is None:
            print("The ballots of this vote are not listed: it cannot be counted again from outside.")
            return 2
        counted = recount(published)
        told = json.loads(counted)
        print(f"{told['round']}, which closed at {told['closed_at']}")
        for topic in told["tally"]["topics"]:
            print(f"{'chosen' if topic['is_chosen'] else '      '}  {topic['weighted']:>8}  {topic['slug']}")
    except (OSError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError):
        print("Give one file: the record of a vote (result.json), whole and as its page of results gives it.")
        return 2
    print("The same, to the byte." if counted == published else "The published result is NOT what the ballots give.")
    return 0 if counted == published else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
