package host

import (
	"context"
	"fmt"
	"strings"

	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/pkg/action"
)

// Over ssh a filter may cut the way that irctl comes although it lets its
// address through: what comes by a tunnel that ends on the machine also comes
// from the tunnel's other end. So the machine itself waits to put back what was
// there, unless irctl signs in once more and calls it off.

// wayBack is where the machine keeps what it would put back. Each network
// namespace has its own files; one that waits has claimed its file by the time
// it acts, so that it is either called off or not. It does so with the file
// locked, as loadScript loads the isolation: so nothing is isolated after that,
// however slow irctl is, and the last to act is always the one that waits.
const (
	wayBack = `f=/run/irctl-way-back.$(readlink /proc/self/ns/net | tr -dc 0-9)
`
	armScript = wayBack + `umask 077
f=$(mktemp "$f.XXXXXX") && cat >"$f" || exit 1
setsid sh -c 'sleep "$2"; exec 9<"$1"; flock 9; mv "$1" "$1.now" && nft -f "$1.now"; rm -f "$1.now"' sh "$f" "$1" </dev/null >/dev/null 2>&1 &
echo "$f"`
	loadScript  = `exec 9<"$1" && flock 9 && [ -e "$1" ] && exec nft --file -`
	armedScript = wayBack + `for i in "$f".??????; do if [ -e "$i" ]; then echo "$i"; fi; done`
)

// guarded reports whether the machine has to wait for irctl.
func (f *filter) guarded() bool { return !f.host.Local() && f.NetNS == "" }

// armed are the files of machines that wait, one for each attempt that did not
// come to its end.
func (f *filter) armed(ctx context.Context) ([]string, error) {
	if !f.guarded() {
		return nil, nil
	}
	res, err := f.shell(ctx, armedScript, "")
	return strings.Fields(res.Stdout), err
}

// arm has the machine put a table back unless it is called off in time.
func (f *filter) arm(ctx context.Context, table string) ([]string, error) {
	if !f.guarded() {
		return nil, nil
	}
	seconds := int(f.WayBack.Seconds())
	// What waits belongs to no attempt: it is there for when the attempt is cut
	// off, and nobody may end it then.
	res, err := f.shell(process.Unmarked(ctx), armScript, replacing(table), fmt.Sprint(seconds))
	return strings.Fields(res.Stdout), err
}

// disarm calls off what arm or armed returned. It is an error if the machine was
// faster.
func (f *filter) disarm(ctx context.Context, files []string) error {
	if len(files) == 0 {
		return nil
	}
	res, err := f.shell(ctx, `rm -- "$@"`, "", files...)
	switch {
	case err == nil:
		return nil
	case res.ExitCode != gone:
		return f.waits(err)
	}
	return &action.Error{
		Message: fmt.Sprintf("%s has put back what was there before: irctl took longer than way_back", f),
		Hint:    "retry, with a longer way_back in the target", Cause: err,
	}
}

// gone is how rm ends if a file is not there (POSIX, rm, EXIT STATUS).
const gone = 1

func (f *filter) shell(ctx context.Context, script, input string, args ...string) (process.Result, error) {
	res, err := f.host.Run(ctx, process.Command{Argv: append([]string{"sh", "-c", script, "sh"}, args...), Name: "sh", Stdin: action.NewSecret(input)}, nil)
	return res, f.explained(err, res)
}
