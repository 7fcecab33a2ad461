package host

// How the scripts end when they refuse.
const (
	exitMissing   = 44
	exitDangling  = 45
	exitIrregular = 46
	exitShort     = 47
	exitOwner     = 48
)

// The scripts keep to what POSIX shells and utilities have, besides mktemp and
// readlink -f, which GNU, BSD and BusyBox have. $1 is the path.

const readScript = `if [ ! -e "$1" ]; then exit 44; fi
if [ ! -f "$1" ]; then exit 46; fi
exec cat -- "$1"`

const statScript = `if [ ! -e "$1" ]; then
	if [ -L "$1" ]; then exit 44; fi
	d=$(dirname -- "$1")
	# A folder that one may not enter hides whether the file is there.
	if [ -d "$d" ] && [ ! -x "$d" ]; then echo "Permission denied" >&2; exit 1; fi
	exit 44
fi
exec ls -Lldn -- "$1"`

// writeScript: $2 is the mode of a new file, $3 how many bytes come in. The
// draft is made beside the file, where mktemp takes no file or link that is
// there. It is a copy of the old file first, so that it has its permissions and
// owner. A draft with fewer bytes than were sent is never put in place.
const writeScript = `umask 077
p=$1
if [ -L "$p" ]; then
	[ -e "$p" ] || exit 45
	p=$(readlink -f -- "$p") || exit 1
fi
if [ -e "$p" ] && [ ! -f "$p" ]; then exit 46; fi
d=$(dirname -- "$p")
[ -d "$d" ] || exit 44
t=$(mktemp "$d/.irctl.XXXXXXXXXX") || exit 1
trap 'rm -f -- "$t"' EXIT
trap 'exit 1' HUP INT TERM
kept() { LC_ALL=C ls -ldn -- "$1" | awk '{print substr($1, 1, 10), $3, $4; exit}'; }
if [ -e "$p" ]; then
	cp -p -- "$p" "$t" || exit 1
	[ "$(kept "$p")" = "$(kept "$t")" ] || exit 48
else
	chmod "$2" "$t" || exit 1
fi
cat >"$t" || exit 1
[ "$(wc -c <"$t")" -eq "$3" ] || exit 47
sync "$t" 2>/dev/null || sync
mv -f -- "$t" "$p" || exit 1
trap - EXIT
sync "$d" 2>/dev/null || sync`

const removeScript = `rm -f -- "$1" || exit 1
d=$(dirname -- "$1")
[ -d "$d" ] || exit 0
sync "$d" 2>/dev/null || sync`
