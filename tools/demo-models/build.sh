#!/usr/bin/env bash
# Rebuilds the models that ship: build.sh chat | embedding | all. Work that takes long is kept in ~/.cache/aifactory-demo-models (or $DEMO_MODELS_WORK), and goes on from there.
set -euo pipefail
cd "$(dirname "$0")"
what="${1:-all}"
work="${DEMO_MODELS_WORK:-$HOME/.cache/aifactory-demo-models}"
models="$(cd ../../models && pwd)"
python="${PYTHON:-/usr/bin/python3}"
mkdir -p "$work"

need() { # a Python module, and the Debian package that brings it
  "$python" -c "import $1" 2>/dev/null && return
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt-get install -y --no-install-recommends $2; else
    echo "$python lacks the module '$1': install $2 (or set PYTHON to an interpreter that has it)." >&2; exit 1; fi
}

chat() {
  need numpy python3-numpy; need regex python3-regex; need torch "python3-torch libopenblas0-pthread"
  # Waiting threads sleep: on a machine that does other work too, spinning ones make a step several times slower.
  # And what is freed is kept: a step takes and gives back gigabytes, and asking the system for them anew was a sixth of its time.
  MALLOC_ARENA_MAX=1 MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=100000000000 OMP_WAIT_POLICY=PASSIVE "$python" chat/train.py --work "$work/chat"
  "$python" chat/export.py --work "$work/chat" --output "$models/demo-chat.gguf"
}

embedding() {
  need numpy python3-numpy
  OMP_NUM_THREADS=1 "$python" embedding/build.py --cache "$work/embedding" --output "$models/demo-embed.gguf"
}

case "$what" in
  chat) chat ;;
  embedding) embedding ;;
  all) embedding; chat ;;
  *) echo "usage: $0 [chat|embedding|all]" >&2; exit 2 ;;
esac
