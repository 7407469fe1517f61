#!/usr/bin/env bash
# Builds llama-server, beside which the worker is measured (tests/AiFactory.Benchmarks -- llama-server), in some ten minutes of one core:
# llama.cpp's own sources as npm's node-llama-cpp ships them, linked against the very libraries that the worker loads, so that both sides compute with the same code.
#   tools/llama-server/build.sh            writes tools/llama-server/bin/llama-server; what is built already is not built again
#   JOBS=1 tools/llama-server/build.sh     compiles one file at a time; else as many as there are processors
# Needs npm, git, sha512sum, cmake and g++; and the worker's libraries, which building the worker fetches (dotnet build AiFactory.Inference).
set -euo pipefail

version=3.22.1 # as in AiFactory.Inference/Native/LlamaCpp.targets, release too
release=v0.5.0

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$here/obj
out=$here/bin
case $(uname -sm) in
  "Linux x86_64") platform=linux-x64 ;;
  "Linux aarch64") platform=linux-arm64 ;;
  *) echo "The worker has no llama.cpp for $(uname -sm), so there is nothing to build against." >&2; exit 1 ;;
esac
libraries=${NUGET_PACKAGES:-$HOME/.nuget/packages}/.npm/node-llama-cpp.$platform/$version/package/bins/$platform

for tool in cmake g++; do
  command -v "$tool" > /dev/null || { echo "$tool was not found." >&2; exit 1; }
done
[ -e "$libraries/libllama.$release.so" ] || { echo "The worker's libraries are not in $libraries: build it first (dotnet build AiFactory.Inference)." >&2; exit 1; }
mkdir -p "$work" "$out"

# 1. The sources.
source=$(bash "$here/../llama-cpp/source.sh")

# 2. The page that it serves: none.
cmake -DUI_SOURCE_DIR="$source/tools/ui" -DUI_BINARY_DIR="$work" -DLLAMA_SOURCE_DIR="$source" -DHF_ENABLED=OFF -DBUILD_UI=OFF -DLLAMA_UI_GZIP=OFF -DLLAMA_BUILD_NUMBER=0 \
  -P "$source/scripts/ui-assets.cmake" > /dev/null
[ -e "$work/ui.cpp" ]

# 3. Its own code, and what it needs beside the libraries. Without -march: whatever is worth it lies in the libraries.
flags=(-O2 -std=c++17 -w -DNDEBUG -DLLAMA_SUBPROCESS -DLLAMA_SHARED -DGGML_SHARED -DGGML_BACKEND_SHARED -DGGML_BACKEND_DL
  -I"$work" -I"$source/tools/server" -I"$source/tools/mtmd" -I"$source" -I"$source/include" -I"$source/ggml/include" -I"$source/common" -I"$source/src"
  -I"$source/vendor" -I"$source/vendor/cpp-httplib" -I"$source/vendor/hash")
compile() { # file: C where it is C, but for SHA-1, which has a namespace
  local file=$1 object
  object=$work/$(echo "${file#"$source/"}" | sed "s|^$work/||; s|/|-|g").o
  [ "$object" -nt "$file" ] && return
  echo "  ${file##*/}"
  case $file in
    *sha1.c) nice -n 19 g++ -x c++ "${flags[@]}" -c "$file" -o "$object.part" ;;
    *.c) nice -n 19 gcc -O2 -w -DNDEBUG -I"$source/vendor/hash" -c "$file" -o "$object.part" ;;
    *) nice -n 19 g++ "${flags[@]}" -c "$file" -o "$object.part" ;;
  esac
  mv "$object.part" "$object"
}

files=("$source"/tools/server/*.cpp "$source"/tools/mtmd/{mtmd,mtmd-audio,mtmd-image,mtmd-helper,mtmd-helper-gen,clip}.cpp "$source"/tools/mtmd/models/*.cpp
  "$source"/vendor/cpp-httplib/httplib.cpp "$source"/vendor/hash/hash.cpp "$source"/vendor/hash/{sha1/sha1,sha256/sha256,xxhash/xxhash}.c "$work/ui.cpp")
failed=$work/.failed
rm -f "$failed"
for file in "${files[@]}"; do
  while [ "$(jobs -rp | wc -l)" -ge "${JOBS:-$(nproc)}" ]; do wait -n || true; done
  [ ! -e "$failed" ] || break
  (compile "$file" || touch "$failed") &
done
wait
[ ! -e "$failed" ] || { echo "It does not compile; what does is kept." >&2; exit 1; }

# 4. Beside the libraries: llama.cpp looks for those of its processors where the program lies.
for library in "$libraries"/*.so; do ln -sf "$library" "$out/"; done
g++ -o "$out/llama-server" "$work"/*.o -L"$libraries" -l:libllama-common.so "-l:libllama.$release.so" "-l:libggml.$release.so" -l:libggml-base.so -Wl,-rpath,'$ORIGIN' -lpthread -Wl,--allow-shlib-undefined
"$out/llama-server" --version 2>&1 | head -2
