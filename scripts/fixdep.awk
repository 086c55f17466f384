# SPDX-License-Identifier: BSD-2-Clause
#
# Turn the compiler's list of prerequisites into one for make in which the
# object depends on the stamps of the options its sources mention, instead of
# on autoconf.h, which changes with every option.
#
#	awk -f fixdep.awk -v target=T -v config=DIR -v autoconf=FILE DEPS

{
	for (i = 1; i <= NF; i++)
		if ($i !~ /:$/ && $i != "\\" && $i != autoconf)
			add_file($i)
}

function add_file(name) {
	if (!(name in files))
		order[++count] = name
	files[name] = 1
}

# Every CONFIG_ name in the file, in code or comment: one too many costs a
# needless compile now and then, one too few a wrong kernel.
function scan(name,    line) {
	while ((getline line < name) > 0)
		while (match(line, /CONFIG_[A-Z0-9_]+/)) {
			options[substr(line, RSTART + 7, RLENGTH - 7)] = 1
			line = substr(line, RSTART + RLENGTH)
		}
	close(name)
}

END {
	for (n = 1; n <= count; n++)
		scan(order[n])
	printf "%s:", target
	for (n = 1; n <= count; n++)
		printf " \\\n  %s", order[n]
	for (option in options)
		printf " \\\n  $(wildcard %s/%s)", config, option
	# A header that is gone means: compile again, do not stop.
	printf "\n\n"
	for (n = 1; n <= count; n++)
		printf "%s:\n", order[n]
}
