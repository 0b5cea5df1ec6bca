#!/usr/bin/env python3
"""Asks a proxy steadily, from a few connections that are kept, and tells what came of it as one line of JSON.

load.py URL REQUESTS_PER_SECOND SECONDS
"""
import collections
import http.client
import json
import sys
import threading
import time
import urllib.parse

CONNECTIONS = 8


def ask(host, path, rate, until, counts, slowest, lock):
    connection = None
    due = time.monotonic()
    while due < until:
        time.sleep(max(0.0, due - time.monotonic()))
        due += CONNECTIONS / rate
        began = time.monotonic()
        try:
            connection = connection or http.client.HTTPConnection(host, timeout=30)
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            outcome = str(answer.status)
        except (OSError, http.client.HTTPException) as error:
            connection = None
            outcome = type(error).__name__
        took = time.monotonic() - began
        with lock:
            counts[outcome] += 1
            slowest[0] = max(slowest[0], took)


def main():
    url = urllib.parse.urlsplit(sys.argv[1])
    rate, seconds = float(sys.argv[2]), float(sys.argv[3])
    counts, slowest, lock = collections.Counter(), [0.0], threading.Lock()
    until = time.monotonic() + seconds
    threads = [
        threading.Thread(target=ask, args=(url.netloc, url.path or "/", rate, until, counts, slowest, lock)) for _ in range(CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    failed = sum(n for outcome, n in counts.items() if outcome not in ("200", "429"))
    print(json.dumps({"requests": sum(counts.values()), "failed": failed, "outcomes": counts, "slowest_ms": round(slowest[0] * 1000, 1)}))


main()
