#!/usr/bin/env python3
"""Fills Weaviate with about 500 short articles for the quick start.

    fill_demo.py [--url URL] [--class NAME]

Needs the standard library alone.  The address is WEAVIATE_URL, the key WEAVIATE_API_KEY.  A class
of that name is replaced only when this program made it; any other is left alone (exit 73).
"""

import argparse
import json
import os
import sys
import urllib.error
import urllib.request
import uuid

from demo_facts import articles
from demo_text import embed

MARK = "Fortress demonstration articles"
BATCH = 100


def call(url, method, path, body=None):
    """One REST call; returns the decoded reply, or None for 404."""
    headers = {"Content-Type": "application/json"}
    if key := os.environ.get("WEAVIATE_API_KEY"):
        headers["Authorization"] = f"Bearer {key}"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:
            return json.loads(reply.read() or b"{}")
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return None
        raise SystemExit(f"fill_demo: {method} {path}: {error.code} {error.read()[:300]!r}")
    except urllib.error.URLError as error:
        print(f"fill_demo: {url}: {error.reason}; set WEAVIATE_URL", file=sys.stderr)
        raise SystemExit(69)


def schema(name):
    def prop(key, data_type, **more):
        return {"name": key, "dataType": [data_type], **more}
    return {"class": name, "description": MARK, "vectorizer": "none", "vectorIndexType": "hnsw",
            "vectorIndexConfig": {"distance": "cosine"},
            "properties": [prop("title", "text"), prop("body", "text"),
                           prop("topic", "text", tokenization="field"), prop("year", "int"),
                           prop("tags", "text[]", tokenization="field")]}


def objects(name):
    for i, article in enumerate(articles()):
        yield {"class": name, "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"demo/{article['title']}")),
               "properties": {**article, "year": 2004 + i % 21},
               "vector": embed(article["body"], article["title"])}


def fill(url, name):
    """Creates the class and writes the articles; returns their number."""
    existing = call(url, "GET", f"/v1/schema/{name}")
    if existing and existing.get("description") != MARK:
        print(f"fill_demo: class {name} exists and holds other data; choose another with --class",
              file=sys.stderr)
        raise SystemExit(73)
    if existing:
        call(url, "DELETE", f"/v1/schema/{name}")
    call(url, "POST", "/v1/schema", schema(name))
    batch = list(objects(name))
    for start in range(0, len(batch), BATCH):
        for result in call(url, "POST", "/v1/batch/objects",
                           {"objects": batch[start:start + BATCH]}):
            if errors := (result.get("result") or {}).get("errors"):
                raise SystemExit(f"fill_demo: {result.get('id')}: {errors}")
    return len(batch)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default=os.environ.get("WEAVIATE_URL", "http://127.0.0.1:8080"))
    parser.add_argument("--class", dest="name", default="Article")
    args = parser.parse_args()
    count = fill(args.url.rstrip("/"), args.name)
    print(f"{count} articles in class {args.name} at {args.url}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
