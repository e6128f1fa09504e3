"""Vectors for short texts without a model: feature hashing of their words.

Every word adds to one of 256 buckets with a sign, both taken from its hash; the sum has length one.
Texts that share words are near each other, which is enough for a demonstration.  The standard
library only.
"""

import hashlib
import math
import re
from collections import Counter

SIZE = 256
STOP_WORDS = frozenset("""
    a about above after all an and are as at be been but by can for from has have he her his how i
    in into is it its known like many most no not of off on one or other our over she so some than
    that the their them then there these they this to up was were what when where which who why
    will with you""".split())


def words(text):
    """Lower-case words without the commonest ones; a plural counts as its singular."""
    for word in re.findall(r"[\w']+", text.lower()):
        if word not in STOP_WORDS:
            yield word[:-1] if len(word) > 3 and word.endswith("s") else word


def _bucket(word):
    """The bucket and the sign of a word, the same in every run and on every machine."""
    digest = hashlib.blake2b(word.encode(), digest_size=2).digest()
    return digest[0], 1.0 if digest[1] & 1 else -1.0


def embed(text, title=""):
    """A vector of length one; words of the title count twice."""
    counts = Counter(words(text))
    counts.update(list(words(title)) * 2)
    vector = [0.0] * SIZE
    for word, count in counts.items():
        bucket, sign = _bucket(word)
        vector[bucket] += sign * math.sqrt(count)
    length = math.sqrt(sum(v * v for v in vector)) or 1.0
    return [v / length for v in vector]
