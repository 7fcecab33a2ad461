package shell

// greeting is what Script says first, on both outputs, after whatever the
// account's own shell has said.
const greeting = "\nirctl-is-here\n"

// Script is the program of the far end, for a POSIX shell that has printf built
// in, and with setsid, head -c and cat: every Linux has them. Without setsid it
// ends before it greets.
//
// It reads a command from its input: a line that nobody can guess, the size of
// the command's input in bytes, the lines of the text, the first line again, and
// the input. A text that was cut off is not run. When the command has ended its
// exit code stands on the error output, and when nobody holds its outputs open
// any more a last line on each.
//
// Read takes byte after byte from a pipe, and nothing comes after a command
// before it has ended, so that neither read nor head takes too much. Each output
// goes through a cat: what a command leaves running keeps that busy and not the
// output of the shell.
const Script = `command -v setsid >/dev/null 2>&1 || { echo "there is no setsid here" >&2; exit 93; }
unset n size text line status
exec 3>&1 4>&2
printf '\nirctl-is-here\n'
printf '\nirctl-is-here\n' >&2
while IFS= read -r n && IFS= read -r size; do
	text= line=
	while IFS= read -r line && [ "$line" != "$n" ]; do
		text="$text$line
"
	done
	[ "$line" = "$n" ] || exit
	case $text in
	*[!"
"]*) ;;
	*)
		printf '\n%s:0\n\n%s.\n' "$n" "$n" >&2
		printf '\n%s.\n' "$n"
		continue
		;;
	esac
	{
		{
			if [ "$size" = 0 ]; then
				setsid sh -c "$text" </dev/null 3>&- 4>&- 7>&-
			else
				head -c "$size" | (setsid sh -c "$text" 3>&- 4>&- 7>&-; status=$?; cat >/dev/null; exit $status)
			fi
			printf '\n%s:%d\n' "$n" "$?" >&2
		} 2>&1 >&7 | cat >&4
		printf '\n%s.\n' "$n" >&4
	} 7>&1 | cat >&3
	printf '\n%s.\n' "$n" >&3
done`
