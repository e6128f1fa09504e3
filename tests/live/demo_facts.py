"""A small hand-written stock of facts, and the sentences that turn them into about 500 articles.

The tables stand in `demo_facts.txt`, one for each topic.  `articles()` yields dicts with title,
body, topic and tags.  The texts are plain enough that a search hit can be judged by reading.
"""

from pathlib import Path

FACTS = Path(__file__).with_name("demo_facts.txt")

ABOUT = {
    "city": ("{name} is a city in {country} on {water}. It is known for {known}. "
             "Most visitors go to see {sight}.",
             "Eating in {name}", "Ask for {dish} in {name}, a city of {country}. "
             "After the meal, a walk to {sight} takes in the air of {water}."),
    "river": ("The {name} is a river of about {length} kilometres. It rises in {source}, crosses "
              "{lands} and ends in {mouth}. Of note: {fact}.",
              "Where the {name} begins and ends",
              "Follow the {name} from {source} to {mouth}. On the way {fact}. "
              "The lands along its banks are {lands}."),
    "animal": ("The {name} is {kind} that lives in {home}. It eats {food}. Remarkably, {trait}.",
               "What the {name} eats",
               "Food of the {name}: {food}. This {class} finds it in {home}. "
               "A grown one weighs about {weight} kilograms."),
    "world": ("{name} measures {diameter} kilometres across and circles {circles} in {period}. "
              "It has {feature}.",
              "The sky over {name}", "A visitor to {name} would meet {air}. Its mark: "
              "{feature}. One year there, a turn around {circles}, takes {period}."),
    "food": ("{name} comes from {origin}. It is made of {made}, {way}. The taste is {taste}.",
             "How {name} is made", "Take {made}. Then it is {way}. The tradition of {origin} "
             "asks for a result that is {taste}."),
    "mountain": ("{name} rises to {height} metres in {range}, in {country}. It was first climbed "
                 "in {climbed}, and {fact}.",
                 "The first ascent of {name}", "People first stood on the summit of {name} in "
                 "{climbed}. The peak of {height} metres lies in {country}; {fact}."),
    "invention": ("{name} goes back to {maker} and the year {year}. The work was done in {place}, "
                  "and {effect}.",
                  "What changed with {name}", "After {year}, {effect}. The step is credited to "
                  "{maker}, who worked in {place} on {name}."),
    "tree": ("The {name} grows up to {height} metres tall in {home}. Its wood makes {wood}. "
             "A mark of the tree: {trait}.",
             "Wood and use of the {name}", "Carpenters use the {name} for {wood}. The living tree "
             "is at home in {home}, and {trait}."),
    "instrument": ("The {name} is a {family} instrument. It has {sound} and is played with "
                   "{played}. It is heard in {music}.",
                   "Playing the {name}", "To play the {name} you need {played}. This {family} "
                   "instrument has {sound}. Its music: {music}."),
}

PAIRS = {
    "river": ("length", "The {a} is about {x} kilometres long, the {b} about {y}. One ends in "
                        "{a_mouth}, the other in {b_mouth}."),
    "animal": ("weight", "{an_a} weighs about {x} kilograms, {an_b} about {y}. The first lives in "
                         "{a_home}, the second in {b_home}."),
    "world": ("diameter", "{a} is {x} kilometres across, {b} is {y}. The first has {a_feature}, "
                          "the second has {b_feature}."),
    "mountain": ("height", "{a} reaches {x} metres and {b} reaches {y}. They stand in {a_range} "
                           "and in {b_range}."),
    "invention": ("year", "{a} dates from {x}, {b} from {y}. With the first {a_effect}; with the "
                          "second {b_effect}."),
    "tree": ("height", "The {a} reaches {x} metres, the {b} {y}. They grow in {a_home} and in "
                       "{b_home}."),
}


def _tables():
    """{topic: rows as dicts} of the file of facts."""
    tables = {}
    for block in FACTS.read_text(encoding="utf-8").split("\n[")[1:]:
        topic, columns, *rows = block.replace("]", "", 1).strip().splitlines()
        tables[topic] = [dict(zip(columns.split("|"), row.split("|"), strict=True))
                         for row in rows]
    return tables


def _inside(name):
    """A name as it stands within a sentence: `The`, and common nouns, lose their capital."""
    return f"the {name[4:]}" if name.startswith("The ") else name


def _with_article(name):
    first = name.lower()
    return f"{'an' if first[0] in 'aeio' and not first.startswith('eu') else 'a'} {name}"


def _sentence(text):
    return text[:1].upper() + text[1:]


def _common(topic, row):
    """Kinds of things, unlike names of places, are written small inside a sentence."""
    name = row["name"]
    if topic in ("tree", "instrument", "animal") and name.split()[0] not in (
            "African", "European", "Eurasian", "Atlantic", "Norway", "Scots", "Komodo"):
        return name[:1].lower() + name[1:]
    return _inside(name)


def articles():
    """Yields {title, body, topic, tags} for every fact, then for neighbours in size or age."""
    tables = _tables()
    for topic, (about, title, second) in ABOUT.items():
        for row in tables[topic]:
            values = {**row, "name": _common(topic, row),
                      "kind": _with_article(row.get("class", "thing"))}
            yield {"title": row["name"], "body": _sentence(about.format(**values)),
                   "topic": topic, "tags": [topic, "overview"]}
            yield {"title": title.format(**values), "body": _sentence(second.format(**values)),
                   "topic": topic, "tags": [topic, "detail"]}
    for topic, (key, text) in PAIRS.items():
        ordered = sorted(tables[topic], key=lambda row: float(row[key]))
        for low, high in zip(ordered, ordered[1:]):
            yield {"title": f"{low['name']} and {_common(topic, high)} compared",
                   "body": _sentence(text.format(**_pair(topic, key, low, high))),
                   "topic": topic, "tags": [topic, "comparison", key]}


def _pair(topic, key, low, high):
    """Values for a sentence on two things: a, b, their amounts x, y, and every column of both."""
    a, b = _common(topic, low), _common(topic, high)
    return {"a": a, "b": b, "an_a": _with_article(a), "an_b": _with_article(b),
            "x": low[key], "y": high[key], **{f"a_{k}": v for k, v in low.items()},
            **{f"b_{k}": v for k, v in high.items()}}
