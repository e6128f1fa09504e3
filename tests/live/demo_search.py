#!/usr/bin/env python3
"""Finds the article nearest to some words in a Qdrant collection filled from the demonstration.

    demo_search.py [--collection NAME] [--limit N] WORD...

Needs the standard library alone.  The address is QDRANT_URL, the key QDRANT_API_KEY.
"""

import argparse
import json
import os
import sys
import textwrap
import urllib.error
import urllib.request

from demo_text import embed


def search(url, collection, vector, limit):
    """The nearest points with their payload; the older path for servers before 1.10."""
    for path, key in (("points/query", "query"), ("points/search", "vector")):
        headers = {"Content-Type": "application/json"}
        if api_key := os.environ.get("QDRANT_API_KEY"):
            headers["api-key"] = api_key
        body = json.dumps({key: vector, "limit": limit, "with_payload": True}).encode()
        request = urllib.request.Request(f"{url}/collections/{collection}/{path}", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:
                result = json.load(reply)["result"]
                return result["points"] if key == "query" else result
        except urllib.error.HTTPError as error:
            text = error.read().decode(errors="replace")
            if error.code != 404 or "doesn't exist" in text:
                raise SystemExit(f"demo_search: {collection}: {error.code} {text}")
        except urllib.error.URLError as error:
            print(f"demo_search: {url}: {error.reason}; set QDRANT_URL", file=sys.stderr)
            raise SystemExit(69)
    raise SystemExit(f"demo_search: {url} answers no search")


def show(point):
    payload = dict(point["payload"])
    print(f"{payload.pop('title', '(no title)')}   (score {point['score']:.3f}, id {point['id']})")
    print(textwrap.fill(payload.pop("body", ""), 76, initial_indent="  ", subsequent_indent="  "))
    for key, value in payload.items():
        print(f"  {key}: {', '.join(map(str, value)) if isinstance(value, list) else value}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("words", nargs="+")
    parser.add_argument("--collection", default="Article")
    parser.add_argument("--limit", type=int, default=1)
    parser.add_argument("--url", default=os.environ.get("QDRANT_URL", "http://127.0.0.1:6333"))
    args = parser.parse_args()
    hits = search(args.url.rstrip("/"), args.collection, embed(" ".join(args.words)), args.limit)
    for point in hits:
        show(point)
    return 0 if hits else 1


if __name__ == "__main__":
    sys.exit(main())
