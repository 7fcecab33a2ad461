package process

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/irctl/irctl/pkg/action"
)

// Remains is what may be left of commands that were cut off.
type Remains struct {
	Attempts []string // ids
	Group    int      // a process group; 0 is none
	Told     bool     // the group was told to stop already, and is not told twice
	Grace    time.Duration
}

// input is what SweepScript reads.
func (r Remains) input() action.Secret {
	var b strings.Builder
	if r.Group > 0 {
		sign := "="
		if r.Told {
			sign = "~"
		}
		fmt.Fprintf(&b, "%s%d\n", sign, r.Group)
	}
	for _, id := range r.Attempts {
		b.WriteString(lines("+", id))
	}
	return action.NewSecret(b.String())
}

// lines name an attempt to SweepScript: its id, and how its number stands among
// the limits of a process (proc_pid_limits in the kernel's fs/proc/base.c).
func lines(sign, id string) string {
	return fmt.Sprintf("%s%s\n%s%-25s %d \n", sign, id, sign, "Max file locks", number(id))
}

// number is the mark of an attempt where no text can be one: 62 bits of its
// digest, so that a signed number of 64 bits holds it.
func number(id string) uint64 {
	sum := sha256.Sum256([]byte(id))
	return binary.BigEndian.Uint64(sum[:])>>2 | 1<<60
}

// Limit is shell text that marks with the number what is run after it, where
// there are limits to read. Shells call file locks x or w.
func Limit(id string) string {
	return fmt.Sprintf("[ ! -r /proc/self/limits ] || { ulimit -x %[1]d || ulimit -w %[1]d || :; } 2>/dev/null; ", number(id))
}

// Command is the command that ends what is left, told to stop and then killed
// after Grace. [Left] reads what it prints.
func (r Remains) Command() Command {
	tenths := int(cmp.Or(r.Grace, DefaultGrace) / (time.Second / 10))
	return Command{Argv: []string{"sh", "-c", sweepScript, "sh", strconv.Itoa(tenths)}, Name: "sh", Stdin: r.input()}
}

// End ends what is left on this machine, which the error calls by a name.
func (r Remains) End(ctx context.Context, machine string) error {
	if !sweeps {
		return nil
	}
	res, err := r.Command().Run(Unmarked(context.WithoutCancel(ctx)), nil)
	if err != nil {
		return err
	}
	return Left(res, machine)
}

// Left is the error that names the processes which could not be ended on a
// machine, nil if there are none.
func Left(res Result, machine string) error {
	pids := strings.Fields(res.Stdout)
	if len(pids) == 0 {
		return nil
	}
	return &action.Error{
		Message: fmt.Sprintf("what an attempt started still runs on %s and could not be ended: process %s", machine, action.CleanLine(strings.Join(pids, ", "), 100)),
		Hint:    "end it there as its owner or as root, and look what it did",
		Doubt:   true,
	}
}

// sweepScript reads lines until its input ends: "+ID" for an attempt that
// begins, "-ID" for one that has ended, "=PGID" for a process group, "~PGID"
// for one that was told to stop already: nobody is told twice. It then
// ends what is left of them: all that is marked in its environment, arguments or
// limits, what is in a process group of such, and all that descends from those,
// but never itself or what it descends from.
// $1 is how many tenths of a second they have between TERM and KILL. It prints
// the ids of processes that it may not end.
//
// It runs here, beside a driver until that dies, on other machines, and as root,
// so it keeps to what POSIX and a Linux with /proc have; where there is no
// /proc, it knows process groups alone. Ids stand in its input, and so in no
// argument or environment that it would find itself.
const sweepScript = `set -f
trap '' HUP INT TERM
all= group= told= only=
while IFS= read -r line; do
	id="${line#?}
"
	case $line in
	+*) all=$all$id ;;
	-*) case $all in *"$id"*) all=${all%%"$id"*}${all#*"$id"} ;; esac ;;
	=*) group=${line#=} ;;
	~*) group=${line#?} only=yes ;;
	esac
done
[ -n "$all$group" ] || exit 0
seen=
find() {
	set +f
	if [ -r /proc/self/stat ]; then
		if [ -n "$all" ]; then
			for f in $(printf %s "$all" | grep -lF -f - /proc/[0-9]*/environ /proc/[0-9]*/cmdline /proc/[0-9]*/limits 2>/dev/null); do
				f=${f#/proc/}
				seen="$seen ${f%%/*}"
			done
		fi
		seen=$(cat /proc/[0-9]*/stat 2>/dev/null | awk -v seen="$seen" -v group="$group" -v only="$only" -v self="$$" '
			{ pid = $1; sub(/^[0-9]+ \(.*\) /, ""); if ($1 ~ /[ZXx]/) next
			  parent[pid] = $2; of[pid] = $3; if (group != "" && $3 == group) want[pid] }
			END {
				for (p = self; p in parent; p = parent[p]) mine[p]
				n = split(seen, list, " ")
				for (i = 1; i <= n; i++) if ((p = list[i]) in parent && !(p in mine)) { want[p]; if (of[p] != of[self]) marked[of[p]] }
				for (p in parent) if (of[p] in marked) want[p]
				if (only == "") do { more = 0; for (p in parent) if (!(p in want) && !(p in mine) && (parent[p] in want)) { want[p]; more = 1 } } while (more)
				for (p in mine) delete want[p]
				for (p in want) printf "%s ", p
			}')
	elif [ -n "$group" ]; then
		seen=
		if kill -s 0 -- "-$group" 2>/dev/null; then seen=-$group; fi
	fi
	set -f
	[ -n "$seen" ]
}
if [ -n "$only" ]; then
	find && told=$seen
	only=
fi
end() {
	left=$2
	while find; do
		for pid in $seen; do
			case "$1 $told " in "TERM "*" $pid "*) continue ;; esac
			kill -s "$1" -- "$pid" 2>/dev/null
			told="$told $pid"
		done
		[ "$left" -gt 0 ] || return 1
		left=$((left-1))
		sleep 0.1 2>/dev/null || sleep 1
	done
}
end TERM "${1:-50}" || end KILL 20 || echo "$seen"`
