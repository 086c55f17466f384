#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Run every kind of test, also after one has failed, and say at the end what
# came of it: `make test`.
#
# usage: test.sh MAKE [ARGUMENT...]

set -eu

python=${PYTHON:-/usr/bin/python3}
failed=

step() {
	name=$1
	shift
	echo "== $name"
	if ! "$@" </dev/null; then
		failed="$failed, $name"
	fi
}

suite() {
	[ ! -d "tests/$1" ] || step "$2" "$python" -m pytest -q "tests/$1"
}

step "unit tests" "$@" unit
step "fuzz targets" "$@" fuzz
step "build" "$@" iso compile_commands.json
step "build for arm64" "$@" ARCH=arm64 KCONFIG_CONFIG=.config-arm64 all
suite build "build system tests"
step "boot tests" scripts/suite.sh tests/boot

if [ -n "$failed" ]; then
	echo "TESTS FAILED: ${failed#, }"
	exit 1
fi
echo "ALL TESTS PASSED"
