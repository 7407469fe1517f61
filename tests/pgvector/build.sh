#!/usr/bin/env bash
# Builds the Postgres extension pgvector for the embedded server of the tests, into artifacts/pgvector, from Debian's source package: no package that this
# system installs has it for that server. Needs apt, dpkg-deb, a C compiler and a network for the first time; does nothing when it is built already.
# Without it the tests of pgvector are skipped and say so.
set -euo pipefail
cd "$(dirname "$0")/../.."

suite=trixie
package=postgresql-server-dev-17   # headers of the embedded server's major version
target=$PWD/artifacts/pgvector
[ ! -e "$target/vector.so" ] || exit 0

for tool in apt-get dpkg-deb cc; do
    command -v "$tool" >/dev/null || { echo "pgvector is not built: there is no $tool." >&2; exit 1; }
done

work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{lists/partial,cache/archives/partial}

# The same mirror and key as the system's own packages, of another release, in lists of our own: the system's are not touched.
sources=/etc/apt/sources.list.d/debian.sources
[ -e "$sources" ] || sources=/etc/apt/sources.list
mirror=$(sed -nE 's/^URIs: *([^ ]+).*/\1/p; s/^deb +(\[[^]]*\] +)?([^ ]+).*/\2/p' "$sources" | head -1)
key=/usr/share/keyrings/debian-archive-keyring.gpg
printf 'deb [signed-by=%s] %s %s main\ndeb-src [signed-by=%s] %s %s main\n' "$key" "$mirror" "$suite" "$key" "$mirror" "$suite" >"$work/sources.list"
apt=(apt-get -qq -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work/cache" -o APT::Sandbox::User=root)

cd "$work"
"${apt[@]}" update
"${apt[@]}" source --download-only pgvector >/dev/null 2>&1
"${apt[@]}" download "$package" >/dev/null 2>&1
dpkg-deb -x "$package"_*.deb headers
mkdir source && tar -xzf pgvector_*.orig.tar.gz -C source --strip-components=1

# As its Makefile has it, but for any processor of the kind: it chooses faster instructions when it runs.
mkdir built
cc -shared -fPIC -O2 -ftree-vectorize -fassociative-math -fno-signed-zeros -fno-trapping-math -fvisibility=hidden \
    -Iheaders/usr/include/postgresql/17/server source/src/*.c -o built/vector.so -lm
version=$(sed -nE "s/^default_version = '([^']+)'/\1/p" source/vector.control)
cp source/vector.control built/
cp source/sql/vector.sql "built/vector--$version.sql"

mkdir -p "$(dirname "$target")"
rm -rf "$target" && mv built "$target"
echo "Built pgvector $version in artifacts/pgvector."
