#!/usr/bin/env bash
# Passes the tests on a machine that has git, the .NET SDK and Node: fetches what else they need, builds, runs every suite, and
# ends with one line "N passed, N failed". Arguments are passed to `dotnet test`, for example: ./test.sh --filter Category!=Slow
set -uo pipefail
cd "$(dirname "$0")"

# The real parts that the tests drive, beside those that npm brings: a browser, promtool, an S3 server, a network without a way out.
packages=(chromium fonts-dejavu-core prometheus radosgw ceph-mon ceph-osd iproute2)
missing=()
if command -v dpkg-query >/dev/null; then
    for package in "${packages[@]}"; do
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
    done
fi
if [ ${#missing[@]} -gt 0 ]; then
    echo "Installing for the tests: ${missing[*]}"
    as_root=(); [ "$(id -u)" -eq 0 ] || as_root=(sudo -n)
    # RUNLEVEL=1: nothing that is installed for a test is started as a service.
    "${as_root[@]}" apt-get update -qq &&
        "${as_root[@]}" env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null || {
        echo "Could not install them. As root: apt-get install --no-install-recommends ${missing[*]}" >&2
        exit 2
    }
fi

# Where nothing may be skipped (.ci/run), a test that is skipped has failed.
skips=(); [ -z "${REQUIRE_ALL:-}" ] || skips=(-- xUnit.FailSkips=true)

configuration=Release
# What pgvector is built from comes over the network, meanwhile the solution is built. Without it the tests of pgvector are skipped, and say why.
bash tests/pgvector/build.sh &
pgvector=$!
dotnet build AiFactory.sln -c $configuration -nologo -v q; built=$?
wait "$pgvector" || echo "pgvector was not built." >&2
[ $built = 0 ] || exit 1

logs=$(mktemp -d); beside=
trap '[ -z "$beside" ] || { kill -- "-$beside" 2>/dev/null; unended; }; rm -rf "$logs"' EXIT

unended() { # what ran beside was not on the screen yet: where it stood says what hung
    local log
    for log in "$logs"/*; do
        case $log in *.code) continue ;; esac
        [ -e "$log.code" ] || { echo "--- ${log##*/} had not ended; its last lines:"; tail -n 40 "$log"; }
    done
}

suite() { # name of the project, arguments of dotnet test
    dotnet test "tests/$1/$1.csproj" -c $configuration --no-build -nologo "${@:2}" "${skips[@]}" 2>&1 | tee "$logs/$1"
    echo "${PIPESTATUS[0]}" >"$logs/$1.code"
}
web() {
    (cd AiFactory.Web && npm ci --ignore-scripts --no-audit --no-fund --prefer-offline && npm run lint && npm test && npm run build) 2>&1 | tee "$logs/AiFactory.Web"
    echo "${PIPESTATUS[0]}" >"$logs/AiFactory.Web.code"
}

# The worker's tests come one after the other (their meters have one name) and keep one core busy; the services' suites run two of their own tests at once. So the worker's run beside them, with those
# of ServiceDefaults and the console's (which need no .NET) behind: together that is about as long, and they share no port, no file and no database. They are shown when they have ended. The whole
# factory has the machine for itself, since its own tests run two at once and each of them is many processes, and finds the console's packages in their place.
alone=AiFactory.IntegrationTests aside=(AiFactory.Inference.Tests AiFactory.ServiceDefaults.Tests)
suites=(tests/*.Tests/*.csproj); suites=("${suites[@]##*/}"); suites=("${suites[@]%.csproj}")
set -m # a group of its own, that ends with this script
{ for name in "${aside[@]}"; do suite "$name" "$@"; done; web; } >/dev/null 2>&1 &
beside=$!
set +m
for name in "${suites[@]}"; do [[ " ${aside[*]} " = *" $name "* ]] || suite "$name" "$@"; done
wait "$beside"; beside=
cat "${aside[@]/#/$logs/}" "$logs/AiFactory.Web"
suite $alone "$@"

# Some four thousand tests share two cores with browsers, databases and models, and now and then one of them meets a moment that its author did not think of. Up to three that failed are asked
# once more, with the machine for themselves; they are named at the end, and what failed at first is printed there too. More than three, one that fails again, one that cannot be found again by
# its name, and whatever else ended badly, is a fault.
failed_line='^ +Failed [A-Za-z_][A-Za-z0-9_.+]*.*\[[<0-9].*\]$'
failures() { sed -nE "/$failed_line/s/^ +Failed ([A-Za-z0-9_.+]+).*/\1/p" "$logs/$1" | sort -u; }
counted() { sed -nE "s/.*$2: +([0-9]+).*/\1/p" "$logs/$1" | tail -1; }
only_tests() { [ "$(grep -cE "$failed_line" "$logs/$1")" = "$(counted "$1" Failed)" ] && ! grep -qiE 'aborted|catastrophic|cleanup failure' "$logs/$1"; }
once_more() { # name of the project
    local filter
    filter=$(failures "$1" | sed 's/^/FullyQualifiedName=/' | paste -sd '|')
    dotnet test "tests/$1/$1.csproj" -c $configuration --no-build -nologo --filter "$filter" "${skips[@]}" 2>&1 | tee "$logs/$1.again"
    [ "${PIPESTATUS[0]}" = 0 ] && [ "$(counted "$1.again" Passed)" -ge "$(failures "$1" | wc -l)" ] && touch "$logs/$1.good"
}
at_first=$(for name in "${suites[@]}" $alone; do grep -E "$failed_line" "$logs/$name"; done | wc -l)
for name in "${suites[@]}" $alone; do
    [ -n "$(failures "$name")" ] && [ "$at_first" -le 3 ] && only_tests "$name" && once_more "$name"
done

passed=0 failed=0 status=0
count() { # adds the numbers of one suite to the sum; a suite that ended badly without a count is one failure
    local name=$1 good=${2:-0} bad=${3:-0} skipped=${4:-0} code
    code=$(cat "$logs/$name.code")
    [ ! -e "$logs/$name.good" ] || { code=0 good=$((good + bad)) bad=0; }
    [ "$code" = 0 ] || { status=1; [ "$bad" -gt 0 ] || bad=1; }
    passed=$((passed + good)) failed=$((failed + bad))
    printf '%-40s %5d passed %3d failed %3d skipped\n' "$name" "$good" "$bad" "$skipped"
}

for name in "${suites[@]}" $alone; do
    [ -n "$(failures "$name")" ] || continue
    echo && echo "$name:"
    sed -nE "/$failed_line/,/^ +Stack Trace:$/p" "$logs/$name" | head -n 60
    [ ! -e "$logs/$name.good" ] || failures "$name" | sed 's/^/passed when asked once more, alone: /'
done

echo
for name in "${suites[@]}" $alone; do
    line=$(grep -E 'Failed: +[0-9]+, Passed: +[0-9]+' "$logs/$name" | tail -1)
    count "$name" "$(sed -nE 's/.*Passed: +([0-9]+).*/\1/p' <<<"$line")" "$(sed -nE 's/.*Failed: +([0-9]+).*/\1/p' <<<"$line")" "$(sed -nE 's/.*Skipped: +([0-9]+).*/\1/p' <<<"$line")"
done
line=$(sed 's/\x1b\[[0-9;]*m//g' "$logs/AiFactory.Web" | grep -E '^ *Tests +' | tail -1)
count AiFactory.Web "$(sed -nE 's/.* ([0-9]+) passed.*/\1/p' <<<"$line")" "$(sed -nE 's/.* ([0-9]+) failed.*/\1/p' <<<"$line")"

echo
echo "$passed passed, $failed failed"
exit $status
