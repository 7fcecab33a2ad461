package host

// How the scripts end when they refuse.
const (
	exitMissing   = 44
	exitDangling  = 45
	exitIrregular = 46
	exitShort     = 47
	exitOwner     = 48
	exitBusy      = 49
	exitChanged   = 50
	exitLinks     = 51
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

// linksScript prints how many names a file has.
const linksScript = `[ ! -f "$1" ] || LC_ALL=C ls -Lldn -- "$1" | awk '{print $2; exit}'`

// writeScript: $2 is the mode of a new file, $3 how many bytes it is to have,
// and $4 how many bytes of those that it has come in before them: "any" if
// they do not matter, "none" if there must not be a file. The drafts are made
// beside the file, where mktemp takes no file or link that is there. The one
// that takes its place is a copy of it first, so that it has its permissions,
// owner, access list and attributes: ls shows a list as the eleventh letter, and
// --preserve=all is GNU's. A draft with fewer bytes than were sent is never put
// in place. The lock is the one of package durable.
const writeScript = `umask 077
p=$1
if [ -L "$p" ]; then
	[ -e "$p" ] || exit 45
	p=$(readlink -f -- "$p") || exit 1
fi
if [ -e "$p" ] && [ ! -f "$p" ]; then exit 46; fi
d=$(dirname -- "$p")
[ -d "$d" ] || exit 44
sent=
t=$(mktemp "$d/.irctl.XXXXXXXXXX") || exit 1
trap 'rm -f -- "$t" "$sent"' EXIT
trap 'exit 1' HUP INT TERM
sent=$(mktemp "$d/.irctl.XXXXXXXXXX") || exit 1
cat >"$sent" || exit 1
case $4 in
any|none) size=$3 ;;
*) size=$(($3 + $4)) ;;
esac
[ "$(wc -c <"$sent")" -eq "$size" ] || exit 47
if [ -r "$d" ] && command -v flock >/dev/null 2>&1; then
	exec 9<"$d"
	i=0
	while flock -n 9 2>/dev/null; [ $? -eq 1 ]; do
		i=$((i+1))
		[ $i -le 100 ] || exit 49
		sleep 0.1 2>/dev/null || sleep 1
	done
fi
kept() { LC_ALL=C ls -ldn -- "$1" | awk '{print substr($1, 1, 11), $3, $4; exit}'; }
attributes() { getfattr -d -m - --absolute-names -- "$1" 2>/dev/null | tail -n +2; }
if [ -e "$p" ]; then
	[ "$(LC_ALL=C ls -ldn -- "$p" | awk '{print $2; exit}')" -eq 1 ] || exit 51
	cp --preserve=all -- "$p" "$t" 2>/dev/null || cp -p -- "$p" "$t" || exit 1
	[ "$(kept "$p")" = "$(kept "$t")" ] && [ "$(attributes "$p")" = "$(attributes "$t")" ] || exit 48
else
	chmod "$2" "$t" || exit 1
fi
tail -c "$3" "$sent" >"$t" || exit 1
sync "$t" 2>/dev/null || sync
case $4 in
any) ;;
none) [ ! -e "$p" ] || exit 50 ;;
*) [ -e "$p" ] && head -c "$4" "$sent" | cmp -s - "$p" || exit 50 ;;
esac
mv -f -- "$t" "$p" || exit 1
trap 'rm -f -- "$sent"' EXIT
sync "$d" 2>/dev/null || sync`

const removeScript = `rm -f -- "$1" || exit 1
d=$(dirname -- "$1")
[ -d "$d" ] || exit 0
sync "$d" 2>/dev/null || sync`
