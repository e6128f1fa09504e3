#!/usr/bin/env python3
"""The forms of an align report, read as their readers do: JSON, SARIF, GitHub, GitLab, audits.

check_forms.py PROGRAM, where PROGRAM FORM prints a hand-made result. What SARIF demands is taken
from the standard's text (sections by number), as far as the reports use it.
"""
import json
import re
import subprocess
import sys
import urllib.parse

ODD = b'b/"new\n\xc3\xa9".py'
BYTES = b"c/x\xff%:, y.py"


def run(program, *args):
    done, again = [subprocess.run([program, *args], capture_output=True, check=True)
                   for _ in range(2)]
    assert done.stdout == again.stdout, f"{args}: two runs differ"
    return done.stdout, done.stderr.decode()


def load(data):
    """Strict JSON: UTF-8, no key twice, nothing behind it but a line end."""
    def pairs(members):
        keys = [key for key, _ in members]
        assert len(keys) == len(set(keys)), f"a key twice: {keys}"
        return dict(members)

    assert data.endswith(b"\n")
    return json.loads(data.decode("utf-8", "strict"), object_pairs_hook=pairs)


def only(obj, needed, allowed=()):
    """An object with these members and no others."""
    assert isinstance(obj, dict), obj
    missing = set(needed) - set(obj)
    extra = set(obj) - set(needed) - set(allowed)
    assert not missing and not extra, f"missing {missing}, not known {extra}: {obj}"


# ---- SARIF ----

LEVELS = {"none", "note", "warning", "error"}


def sarif_message(obj):
    only(obj, ["text"])
    assert obj["text"]


def sarif_location(obj):
    only(obj, ["physicalLocation"])
    place = obj["physicalLocation"]
    only(place, ["artifactLocation"], ["region", "contextRegion"])
    only(place["artifactLocation"], ["uri", "uriBaseId"])
    uri = place["artifactLocation"]["uri"]
    # 3.10.2, RFC 3986: a relative reference of path characters alone
    assert re.fullmatch(r"(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+", uri), uri
    assert not uri.startswith("/") and ".." not in uri.split("/"), uri
    assert place["artifactLocation"]["uriBaseId"] == "%SRCROOT%"
    # 3.30: lines and columns from 1, the end behind the start
    for name in ("region", "contextRegion"):
        region = place.get(name)
        if region is None:
            continue
        only(region, ["startLine"], ["startColumn", "endColumn", "snippet"])
        assert region["startLine"] >= 1
        if "endColumn" in region:
            assert region["endColumn"] > region["startColumn"] >= 1
        if "snippet" in region:
            only(region["snippet"], ["text"])
    # 3.29.5: a context needs a region inside of it
    if "contextRegion" in place:
        assert place["region"]["snippet"]["text"] in place["contextRegion"]["snippet"]["text"]
    return urllib.parse.unquote_to_bytes(uri)


def sarif_result(obj, rules):
    only(obj, ["ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints",
               "suppressions", "properties"])
    assert obj["level"] in LEVELS
    rule = rules[obj["ruleIndex"]]
    assert rule["id"] == obj["ruleId"]
    assert rule["defaultConfiguration"]["level"] == obj["level"]
    sarif_message(obj["message"])
    assert len(obj["locations"]) == 1
    only(obj["partialFingerprints"], ["fortressAlign/v1"])
    assert re.fullmatch("[0-9a-f]{16}", obj["partialFingerprints"]["fortressAlign/v1"])
    for suppression in obj["suppressions"]:
        only(suppression, ["kind", "justification"])
        assert suppression["kind"] in {"inSource", "external"}
    only(obj["properties"], ["category", "occurrences"])
    return sarif_location(obj["locations"][0])


def sarif(data):
    log = load(data)
    only(log, ["$schema", "version", "runs"])
    assert log["version"] == "2.1.0" and len(log["runs"]) == 1
    one = log["runs"][0]
    only(one, ["tool", "columnKind", "originalUriBaseIds", "results", "invocations"])
    only(one["tool"], ["driver"])
    driver = one["tool"]["driver"]
    only(driver, ["name", "semanticVersion", "rules"])
    assert re.fullmatch(r"\d+\.\d+\.\d+", driver["semanticVersion"])
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(ids) == len(set(ids)), ids
    for rule in driver["rules"]:
        only(rule, ["id", "shortDescription", "defaultConfiguration"], ["help"])
        sarif_message(rule["shortDescription"])
        only(rule["defaultConfiguration"], ["level"])
    # 3.14.17
    assert one["columnKind"] == "unicodeCodePoints"
    # 3.14.14: a base without a uri is one that the reader knows
    only(one["originalUriBaseIds"]["%SRCROOT%"], ["description"])
    paths = [sarif_result(result, driver["rules"]) for result in one["results"]]
    prints = [result["partialFingerprints"]["fortressAlign/v1"] for result in one["results"]]
    assert len(prints) == len(set(prints)), "two results with one fingerprint"
    assert len(one["invocations"]) == 1
    invocation = one["invocations"][0]
    only(invocation, ["executionSuccessful", "exitCode", "toolExecutionNotifications"])
    assert invocation["executionSuccessful"] is False and invocation["exitCode"] == 65
    for note in invocation["toolExecutionNotifications"]:
        only(note, ["descriptor", "level", "message"], ["locations"])
        only(note["descriptor"], ["id"])
        assert note["level"] in LEVELS
        sarif_message(note["message"])
        for location in note.get("locations", []):
            sarif_location(location)
    return one, paths, invocation["toolExecutionNotifications"]


def check_sarif(program):
    data, warned = run(program, "sarif")
    one, paths, notes = sarif(data)
    results = one["results"]
    assert len(results) == 13 and not warned, (len(results), warned)
    assert ODD in paths and BYTES in paths
    # what counts first, errors first among it
    ranks = [(bool(r["suppressions"]), r["level"] != "error") for r in results]
    assert ranks == sorted(ranks), ranks
    kinds = [s["kind"] for r in results for s in r["suppressions"]]
    assert sorted(kinds) == ["external", "external", "inSource"], kinds
    reasons = [s["justification"] for r in results for s in r["suppressions"]]
    assert "<old> data" in reasons and "an icon" in reasons, reasons
    named = [r for r in results if "region" not in r["locations"][0]["physicalLocation"]]
    assert len(named) == 2, "a path name and a move have no region"
    errors = [n["descriptor"]["id"] for n in notes if n["level"] == "error"]
    assert errors == ["unparsable", "unreadable"], errors
    assert any(n["message"]["text"] == "Left out, binary: 4" for n in notes)


def check_sarif_limit(program):
    one, _, notes = sarif(run(program, "sarif", "12000")[0])
    assert len(one["results"]) == 5000
    assert not any(result["suppressions"] for result in one["results"])
    assert notes[0]["descriptor"]["id"] == "too-many-results"
    assert "5000 of 12013" in notes[0]["message"]["text"], notes[0]
    warned = run(program, "sarif", "12000")[1]
    assert "5000 of 12013" in warned, warned
    # one below the limit nothing is said
    one, _, notes = sarif(run(program, "sarif", "4987")[0])
    assert len(one["results"]) == 5000
    assert notes[0]["descriptor"]["id"] != "too-many-results"


# ---- JSON ----

FINDING = ["kind", "rule", "category", "path", "line", "column", "end_column", "offset", "hits",
           "match", "text", "cut", "message", "suppressed", "fingerprint"]


def check_json(program):
    data = run(program, "json")[0]
    report = load(data)
    assert list(report) == ["version", "tool", "findings", "notes", "summary"]
    assert report["version"] == 1
    for finding in report["findings"]:
        keys = [key for key in finding if key != "path_encoded"]
        assert keys == FINDING, keys
        assert finding["kind"] in {"forbidden", "leftover", "pending"}
        assert (finding["category"] is None) == (finding["kind"] != "forbidden")
        if finding["suppressed"] is not None:
            only(finding["suppressed"], ["by", "reason"])
    paths = {(f["path"], f.get("path_encoded", False)) for f in report["findings"]}
    assert (ODD.decode(), False) in paths
    encoded = [path for path, is_encoded in paths if is_encoded]
    assert [urllib.parse.unquote_to_bytes(path) for path in encoded] == [BYTES], encoded
    for note in report["notes"]:
        only(note, ["kind", "path", "line", "text"], ["path_encoded"])
    total = report["summary"]
    assert total["status"] == 65
    assert (total["findings"], total["files"], total["lines"]) == (6, 3, 5), total
    assert (total["occurrences"], total["path_names"]) == (7, 1), total
    assert total["suppressed"] == {"inline": 1, "path": 0, "token": 1, "baseline": 1}
    assert total["pending"] == {"lines": 1, "moves": 1, "files": 1} and total["leftovers"] == 1
    assert total["notes"]["binary"] == 4 and total["fix"] is None
    # one finding a line
    assert sum(line.startswith(b'{"kind":') for line in data.splitlines()) == \
        len(report["findings"]) + len(report["notes"])


# ---- GitHub, GitLab ----

COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")


def unescape(text, is_property):
    pairs = [("%0D", "\r"), ("%0A", "\n")]
    if is_property:
        pairs += [("%3A", ":"), ("%2C", ",")]
    for escape, char in pairs + [("%25", "%")]:
        text = text.replace(escape, char)
    return text


def check_github(program):
    lines = run(program, "github")[0].decode("utf-8", "strict").split("\n")
    assert lines[-1] == "" and "\r" not in "".join(lines)
    assert lines[-2].startswith("6 findings in 3 files"), lines[-2]
    files = []
    levels = []
    for line in lines[:-2]:
        match = COMMAND.fullmatch(line)
        assert match, line
        members = dict(member.split("=", 1) for member in match[2].split(","))
        assert set(members) <= {"file", "line", "col", "endColumn", "title"} and members["title"]
        levels.append(match[1])
        if "file" in members:
            files.append(unescape(members["file"], True))
    assert levels.count("error") == 9 and levels.count("warning") == 4, levels
    assert levels.count("notice") == 1
    assert ODD.decode() in files
    assert BYTES in [urllib.parse.unquote_to_bytes(name) for name in files], files
    assert "d/icons.js" not in files, "a suppressed finding"


def check_gitlab(program):
    report = load(run(program, "gitlab")[0])
    assert len(report) == 10
    for finding in report:
        only(finding, ["description", "check_name", "fingerprint", "severity", "location"])
        only(finding["location"], ["path", "lines"])
        only(finding["location"]["lines"], ["begin"])
        assert finding["location"]["lines"]["begin"] >= 1
        assert finding["severity"] in {"info", "minor", "major", "critical", "blocker"}
    assert len({finding["fingerprint"] for finding in report}) == len(report)


# ---- text, audits ----

def check_text(program):
    for form in ("text", "audit-text", "audit-markdown"):
        data = run(program, form)[0]
        text = data.decode("utf-8", "strict")
        bad = re.findall("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", text)
        assert not bad, (form, bad)
        assert not any(line.startswith("::") for line in text.splitlines()), form


def check_audit(program):
    audit = load(run(program, "audit-json")[0])
    total = audit["total"]
    assert (total["files"], total["lines"], total["findings"]) == (5, 8, 9), total
    assert (total["occurrences"], total["suppressed"], total["path_names"]) == (10, 3, 1), total
    assert {key: total[key] for key in total["before"]} == total["before"]
    assert audit["compared_with"] == "v1 | <b>"
    for table in ("systems", "categories", "folders"):
        assert sum(row["findings"] for row in audit[table]) == 9, table
    # a file with both systems is in both rows
    assert sum(row["files"] for row in audit["systems"]) == 6
    rows = run(program, "audit-markdown")[0].decode().splitlines()
    for row in rows:
        if row.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", row)) == 8, row
    assert not any("<b>" in row.replace("\\<", "") for row in rows)


def main():
    program = sys.argv[1]
    for check in (check_json, check_sarif, check_sarif_limit, check_github, check_gitlab,
                  check_text, check_audit):
        check(program)
    print("ok: json, sarif, github, gitlab, text, audit")


main()
