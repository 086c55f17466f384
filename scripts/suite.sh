#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Run a suite of tests that boot machines. They run in real time, on a host
# that may have other work: what failed is tried once more, by itself, and
# named if it then passes. Many failures are no accident, and are not.
#
# usage: suite.sh DIRECTORY [ARGUMENT-OF-PYTEST...]

set -eu

RETRIED_MAX=3

python=${PYTHON:-/usr/bin/python3}
directory=$1
shift
cache=build/pytest-cache-$(basename "$directory")

run() {
	"$python" -m pytest -q -o cache_dir="$PWD/$cache" "$@"
}

# One a line.
failures() {
	"$python" -c 'import json, sys; print(*json.load(open(sys.argv[1])),
		      sep="\n")' "$cache/v/cache/lastfailed"
}

rm -rf "$cache"
status=0
run "$directory" "$@" || status=$?
# 1: tests failed. All else is a run that was none.
[ "$status" = 1 ] || exit "$status"
names=$(failures)
if [ "$(echo "$names" | wc -l)" -gt "$RETRIED_MAX" ]; then
	exit 1
fi
echo "== once more, what failed:"
echo "$names"
run "$directory" "$@" --last-failed --last-failed-no-failures none
echo "== UNSTEADY, passed only when tried again:"
echo "$names"
