#!/usr/bin/env bash
# Prints the folder of llama.cpp's source, of the very release whose libraries the worker loads: it comes as a git bundle inside npm's node-llama-cpp (36 MB, fetched once,
# checked, kept beside the NuGet packages). Tests read its collection of chat templates; the benchmark builds its server. The worker itself needs none of it.
set -euo pipefail

version=3.22.1   # as Native/LlamaCpp.targets
sha512=6e5b488a9b9699cd76dc7eed30880318a4ac4ab866865418795502e3c5d38d55bb5c624988927209d95333343f2e25a83e4183a5c2f816f883a60c3ba9f4e20f
packages=${NUGET_PACKAGES:-$HOME/.nuget/packages}/.npm/node-llama-cpp
source=$packages/$version/llama.cpp
[ ! -d "$source" ] || { echo "$source"; exit 0; }

mkdir -p "$packages"
work=$(mktemp -d "$packages/fetch.XXXXXX"); trap 'rm -rf "$work"' EXIT
archive=$work/node-llama-cpp-$version.tgz
(cd "$work" && npm pack "node-llama-cpp@$version" --ignore-scripts --prefer-offline --silent >/dev/null) || { echo "npm could not fetch node-llama-cpp@$version. Is its registry reachable from here?" >&2; exit 1; }
echo "$sha512  $archive" | sha512sum --check --quiet - || { echo "node-llama-cpp@$version is not what it was: its SHA-512 differs." >&2; exit 1; }
tar -xzf "$archive" -C "$work" package/llama/gitRelease.bundle
git clone --quiet "$work/package/llama/gitRelease.bundle" "$work/whole/llama.cpp" 2>/dev/null || { echo "The source inside node-llama-cpp@$version could not be unpacked." >&2; exit 1; }
# Whole or not at all: two that fetch at the same time do not meet.
mv -T "$work/whole" "$packages/$version" 2>/dev/null || [ -d "$source" ]
echo "$source"
