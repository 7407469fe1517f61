"""Values for the slots of the data's sentences: names, numbers, codes and words, varied enough that only copying them can work."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from random import Random

DATA = Path(__file__).parent / "data"
MONTHS = "January February March April May June July August September October November December".split()
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
SEASONS = "spring summer autumn winter".split()
ONSETS = "b br c ch cl d dr f fl g gr h j k kl l m n p pl qu r s sh sk st t th tr v w y z".split()
VOWELS = "a e i o u ae ai ea ia io oa ou".split()
CODAS = ["", "", "", "l", "n", "r", "s", "t", "m", "nd", "rk", "x", "ll", "sh"]

# One slot's value in one word: what "answer in one word" may ask for.
ONE_WORD = {"first_name", "surname", "weekday", "month", "year", "number", "small_number", "animal", "name", "word", "noun", "season", "port", "code", "version", "project", "service", "adjective", "sport"}


@lru_cache(None)
def words() -> dict:
    return json.loads((DATA / "words.json").read_text())


def held_out(text: str, one_in: int = 12) -> bool:
    """Whether a value, family or tool is kept for the tests: decided by its own text, so that no list can disagree with another."""
    return hashlib.md5(text.lower().encode()).digest()[0] % one_in == 0


class Values:
    """Draws values; those of the training never meet those of the test, where a kind has enough of them to keep some apart."""

    def __init__(self, rng: Random, test: bool):
        self.rng, self.test, self.words = rng, test, words()

    def make(self, slot: str) -> str:
        draw = getattr(self, "_" + slot, None)
        if draw is None:
            raise ValueError(f"no values for the slot type '{slot}'")
        if slot not in self._OPEN:
            return draw()
        for _ in range(200):
            value = draw()
            if held_out(value) == self.test:
                return value
        return draw()

    _OPEN = {"person", "surname", "town", "company", "product", "brand", "team", "band", "book", "ship", "school", "restaurant", "hotel", "project", "service", "street", "river", "mountain", "country", "name", "code", "email", "file", "setting", "command"}

    def _pick(self, key: str) -> str:
        return self.rng.choice(self.words[key])

    def _parts(self, key: str, join: str = "") -> str:
        first, last = self.words[key]
        return self.rng.choice(first) + join + self.rng.choice(last)

    def _invented(self, least=2, most=3) -> str:
        rng = self.rng
        return "".join(rng.choice(ONSETS) + rng.choice(VOWELS) + rng.choice(CODAS) for _ in range(rng.randint(least, most)))

    def _title(self, word: str) -> str:
        return word[:1].upper() + word[1:]

    def _first_name(self): return self._pick("first_names") if self.rng.random() < 0.8 else self._title(self._invented(2, 2))
    def _surname(self): return self._parts("surname_parts") if self.rng.random() < 0.7 else self._title(self._invented())
    def _person(self): return f"{self._first_name()} {self._surname()}"
    def _town(self): return self._parts("town_parts") if self.rng.random() < 0.7 else self._title(self._invented())
    def _country(self): return self._title(self._invented(2, 2)) + self.rng.choice(["ia", "land", "ania", "stan", ""])
    def _river(self): return self._title(self._invented(1, 2))
    def _mountain(self): return self.rng.choice(["Mount ", "", "Peak "]) + self._title(self._invented(1, 2))
    def _street(self): return (self._title(self._pick("nouns")) if self.rng.random() < 0.5 else self._surname()) + self.rng.choice([" Street", " Road", " Lane", " Avenue"])
    def _company(self): return self._parts("company_parts", " ") if self.rng.random() < 0.7 else f"{self._title(self._invented())} {self.rng.choice(self.words['company_parts'][1])}"
    def _brand(self): return self._title(self._invented())
    def _product(self): return f"{self._title(self._invented(1, 2))} {self.rng.choice(['X', 'Pro', 'Mini', 'One', 'Plus', ''])}{self.rng.randint(2, 90)}"
    def _team(self): return f"{self._town()} {self._title(self._pick('animals'))}s"
    def _band(self): return f"{self._title(self._pick('adjectives'))} {self._title(self._pick('nouns'))}s"
    def _book(self): return self.rng.choice(["The {a} {n}", "{n} and {m}", "A {n} in {t}"]).format(a=self._title(self._pick("adjectives")), n=self._title(self._pick("nouns")), m=self._title(self._pick("nouns")), t=self._town())
    def _ship(self): return f"{self._title(self._pick('adjectives'))} {self._title(self._pick('animals'))}"
    def _school(self): return f"{self._surname()} {self.rng.choice(['School', 'College', 'Academy', 'Institute'])}"
    def _restaurant(self): return self.rng.choice(["{s}'s Kitchen", "The {a} {n}", "Cafe {s}", "{n} House"]).format(s=self._surname(), a=self._title(self._pick("adjectives")), n=self._title(self._pick("nouns")))
    def _hotel(self): return self.rng.choice(["Hotel {n}", "{n} Inn", "Grand {n}"]).format(n=self._title(self._invented(1, 2)))
    def _project(self): return self._title(self._pick("nouns")) + self._pick("animals") if self.rng.random() < 0.6 else self._title(self._invented())
    def _service(self): return f"{self._pick('nouns')}-{self.rng.choice(['api', 'worker', 'store', 'proxy', 'sync', 'cache', 'service', 'gateway', 'index'])}"
    def _animal(self): return self._pick("animals")
    def _plant(self): return self._pick("plants")
    def _food(self): return self._pick("foods")
    def _drink(self): return self._pick("drinks")
    def _colour(self): return self._pick("colours")
    def _material(self): return self._pick("materials")
    def _tool(self): return self._pick("tools")
    def _vehicle(self): return self._pick("vehicles")
    def _instrument(self): return self._pick("instruments")
    def _sport(self): return self._pick("sports")
    def _language(self): return self._pick("languages")
    def _profession(self): return self._pick("professions")
    def _department(self): return self._pick("departments")
    def _subject(self): return self._pick("subjects")
    def _adjective(self): return self._pick("adjectives")
    def _noun(self): return self._pick("nouns")
    def _word(self): return self._pick(self.rng.choice(["nouns", "adjectives", "verbs"])) if self.rng.random() < 0.7 else self._invented()
    def _phrase(self): return self.rng.choice(["{a} {n}", "{n} and {m}", "the {n} of the {m}", "how to {v} the {n}", "{a} {n} with {m}", "what the {n} is", "who can {v} the {n}", "the {a} {n}"]).format(a=self._pick("adjectives"), n=self._pick("nouns"), m=self._pick("nouns"), v=self._pick("verbs"))
    def _name(self): return self._title(self._invented())
    def _room(self): return f"room {self.rng.randint(1, 499)}"
    def _weekday(self): return self.rng.choice(WEEKDAYS)
    def _month(self): return self.rng.choice(MONTHS)
    def _season(self): return self.rng.choice(SEASONS)
    def _date(self): return f"{self.rng.randint(1, 28)} {self.rng.choice(MONTHS)} {self.rng.randint(1900, 2060)}"
    def _time(self): return f"{self.rng.randint(0, 23):02}:{self.rng.randint(0, 11) * 5:02}"
    def _year(self): return str(self.rng.randint(1500, 2060))
    def _small_number(self): return str(self.rng.randint(2, 20))
    def _number(self): return str(self.rng.randint(21, 9999))
    def _big_number(self): return f"{self.rng.randint(1000, 9_999_999):,}"
    def _decimal(self): return f"{self.rng.randint(0, 500)}.{self.rng.randint(1, 99)}"
    def _money(self): return f"{self.rng.choice([self.rng.randint(2, 99), self.rng.randint(100, 99_999)]):,} {self.rng.choice(['euros', 'dollars', 'pounds', 'crowns'])}"
    def _percent(self): return f"{self.rng.randint(1, 99)} percent"
    def _duration(self): return f"{self.rng.randint(2, 90)} {self.rng.choice(['seconds', 'minutes', 'hours', 'days', 'weeks', 'months'])}"
    def _distance(self): return f"{self.rng.randint(2, 900)} {self.rng.choice(['kilometres', 'metres', 'miles'])}"
    def _weight(self): return f"{self.rng.randint(1, 99)}{self.rng.choice(['', '.5'])} {self.rng.choice(['kilograms', 'grams', 'tonnes'])}"
    def _temperature(self): return f"{self.rng.randint(2, 240)} degrees"
    def _area(self): return f"{self.rng.randint(2, 900)} {self.rng.choice(['hectares', 'square metres', 'acres'])}"
    def _speed(self): return f"{self.rng.randint(5, 400)} {self.rng.choice(['kilometres per hour', 'miles per hour', 'knots'])}"
    def _code(self): return self.rng.choice(["{a}{b}-{n}", "{a}-{n}", "{a}{n}", "{a}{b}{c}-{n}"]).format(a=self._letter(), b=self._letter(), c=self._letter(), n=self.rng.randint(100, 9999))
    def _letter(self): return self.rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ")
    def _version(self): return f"{self.rng.randint(0, 20)}.{self.rng.randint(0, 30)}.{self.rng.randint(0, 30)}"
    def _email(self): return f"{self._first_name().lower()}.{self._surname().lower()}@{self._invented(2, 2)}.example"
    def _port(self): return str(self.rng.choice([self.rng.randint(1024, 9999), self.rng.randint(10_000, 65_000)]))
    def _ip(self): return ".".join(str(self.rng.randint(1, 254)) for _ in range(4))
    def _url_path(self): return f"/v{self.rng.randint(1, 3)}/{self._pick('nouns').replace(' ', '-')}s"
    def _file(self): return f"{self._pick('nouns').replace(' ', '-')}-{self._pick('nouns').replace(' ', '-')}.{self.rng.choice(['csv', 'pdf', 'txt', 'json', 'yaml', 'log', 'md'])}"
    def _setting(self): return f"{self._title(self._pick('nouns').replace(' ', ''))}__{self.rng.choice(['Max', 'Min', 'Default', 'Enable', 'Cache'])}{self._title(self._pick('nouns').replace(' ', ''))}"
    def _command(self): return f"{self._pick('verbs')} --{self._pick('nouns').replace(' ', '-')}"
    def _boolean(self): return self.rng.choice(["true", "false"])
