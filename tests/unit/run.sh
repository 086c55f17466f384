#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Run unit test programs and add up their results.
#
# usage: run.sh PROVE_FAILURE PROGRAM...
#
# PROVE_FAILURE holds tests that fail, and is there to show that failures,
# sanitizer reports included, are noticed.

set -eu

timeout_s=60
prove=$1
shift
output=$(mktemp)
trap 'rm -f "$output"' EXIT
export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1

run() {
	timeout "$timeout_s" "$@" >"$output" 2>&1 </dev/null
}

# Each of its tests alone, since a sanitizer's report ends the program.
if ! run "$prove" passes; then
	cat "$output"
	echo "unit: a test that passes was reported as failed"
	exit 1
fi
for name in check check_eq check_str check_mem address_error \
	undefined_behaviour leak no_such_test; do
	if run "$prove" "$name"; then
		echo "unit: the test '$name', which fails, was not noticed"
		exit 1
	fi
done

passed=0
failed=0
for program in "$@"; do
	status=0
	run "$program" || status=$?
	total=$(sed -n 's/.*: \([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' \
		"$output" | tail -n 1)
	total=${total:-0 0}
	passed=$((passed + ${total% *}))
	if [ "$status" -eq 0 ] && [ "$total" != "0 0" ]; then
		continue
	fi
	cat "$output"
	if [ "${total#* }" -eq 0 ]; then
		# It did not get to its end, or the leak checker spoke after it.
		echo "${program##*/}: ended with status $status"
		total="0 1"
	fi
	failed=$((failed + ${total#* }))
done
echo "unit: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
