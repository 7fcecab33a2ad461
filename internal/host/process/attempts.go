package process

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"sync"
	"time"
)

// Marker is the variable that tells to which attempt a process belongs. It is
// inherited, also by what calls setsid, and nobody else's process has it: it
// holds the id of a run. A limit tells it too, which also stays with what
// empties its environment. That is why neither process ids nor start times are
// written down.
const Marker = "IRCTL_ATTEMPT"

// Attempts knows which attempts of this process have commands under way. When
// this process dies, however it does, one process that it left behind ends
// them. The zero value is ready, for any number of goroutines.
type Attempts struct {
	mu     sync.Mutex
	open   int      // attempts under way
	list   *os.File // names them to the process left behind; nil until a command runs
	end    int64    // of the list
	alive  *os.File // the process left behind wakes when nobody holds it open
	warden *exec.Cmd
	failed bool // it cannot be started here
}

// attempt is what a context tells of the attempt that it is for.
type attempt struct {
	of      *Attempts
	ctx     context.Context
	id      string
	doubted []string
	begun   sync.Once
}

type attemptKey struct{}

func attemptOf(ctx context.Context) *attempt {
	a, _ := ctx.Value(attemptKey{}).(*attempt)
	return a
}

// Begin returns a context for the attempt that id names: its commands are
// marked with it. The doubted are earlier attempts of which something may still
// run on the machines that this one reaches: it is ended there first. Call done
// when the attempt has ended; what it left running then stays.
//
// An id is one line, and none is the beginning of another.
func (as *Attempts) Begin(ctx context.Context, id string, doubted []string) (_ context.Context, done func()) {
	a := &attempt{of: as, ctx: ctx, id: id, doubted: doubted}
	return context.WithValue(ctx, attemptKey{}, a), func() {
		begun := true
		a.begun.Do(func() { begun = false })
		if begun {
			as.ended(id)
		}
	}
}

// End ends on this machine what is left of attempts, and returns an error that
// names the processes which this user may not end.
func (as *Attempts) End(ctx context.Context, ids []string) error {
	return Remains{Attempts: ids}.End(ctx, "this machine")
}

// Unmarked returns a context whose commands belong to no attempt: what several
// attempts share must not end with one of them.
func Unmarked(ctx context.Context) context.Context {
	return context.WithValue(ctx, attemptKey{}, (*attempt)(nil))
}

// Marked returns the id of the context's attempt, "" if it has none, and the
// attempts before it that are in doubt.
func Marked(ctx context.Context) (id string, doubted []string) {
	if a := attemptOf(ctx); a != nil {
		return a.id, a.doubted
	}
	return "", nil
}

// mark is what the environment of a command says of its attempt. The process
// that is left behind hears of it first.
func (a *attempt) mark() []string {
	if a == nil {
		return nil
	}
	a.begun.Do(func() { a.of.started(a.id) })
	return []string{Marker + "=" + a.id}
}

// starting is held by whoever starts a process, since for so long this process
// has the limit that marks it.
var starting sync.Mutex

// start starts a command of the attempt; of nil, one that belongs to none.
func (a *attempt) start(cmd *exec.Cmd) error {
	starting.Lock()
	defer starting.Unlock()
	if a == nil {
		return cmd.Start()
	}
	if err := a.ctx.Err(); err != nil {
		return err
	}
	defer limited(number(a.id))()
	return cmd.Start()
}

// over reports whether the attempt has ended: nothing of it is being started
// then, and nothing will be.
func (a *attempt) over() bool {
	starting.Lock()
	defer starting.Unlock()
	return a.ctx.Err() != nil
}

// sweep ends what a command that was cut off left behind: all that descends
// from its process group, and if the attempt has ended, all that is marked.
func (a *attempt) sweep(group int, grace time.Duration) error {
	r := a.cut(group)
	r.Told, r.Grace = true, grace
	return r.End(context.Background(), "this machine")
}

func (a *attempt) cut(group int) Remains {
	r := Remains{Group: group}
	if a != nil && a.over() {
		r.Attempts = []string{a.id}
	}
	return r
}

// Cut is what may be left of a command with a process group that was cut off
// because its context ended.
func Cut(ctx context.Context, group int) Remains { return attemptOf(ctx).cut(group) }

// started writes an attempt into the list for the process that is left behind,
// and starts that if need be. Without it the commands of this process outlive it
// until the run goes on.
func (as *Attempts) started(id string) {
	as.mu.Lock()
	defer as.mu.Unlock()
	as.open++
	if as.list == nil && !as.failed {
		as.failed = as.leave() != nil
	}
	as.write(lines("+", id))
}

// ended takes an attempt out of the list. A long one that names none is begun
// anew.
func (as *Attempts) ended(id string) {
	const long = 4 << 10 // bytes, a page: giving that back and taking another costs more than a step's own lines
	as.mu.Lock()
	defer as.mu.Unlock()
	as.open--
	if as.open == 0 && as.end > long && as.list.Truncate(0) == nil {
		as.end = 0
		return
	}
	as.write(lines("-", id))
}

func (as *Attempts) write(text string) {
	if as.list == nil {
		return
	}
	n, _ := as.list.WriteAt([]byte(text), as.end)
	as.end += int64(n)
}

// leave starts the process that is left behind. It sleeps until this one has
// ended and only then reads the list, which is in memory and has no name: a step
// wakes nobody.
func (as *Attempts) leave() error {
	list, err := memory("attempts")
	if err != nil {
		return err
	}
	theirs, ours, err := os.Pipe()
	if err != nil {
		return errors.Join(err, list.Close())
	}
	cmd := exec.Command("/bin/sh", "-c", "read -r end <&3\n"+sweepScript)
	cmd.Dir, cmd.Env = "/", []string{"PATH=/usr/bin:/bin"}
	cmd.Stdin, cmd.ExtraFiles = list, []*os.File{theirs}
	own(cmd)
	if err := errors.Join((*attempt)(nil).start(cmd), theirs.Close()); err != nil {
		return errors.Join(err, ours.Close(), list.Close())
	}
	as.list, as.alive, as.warden = list, ours, cmd
	return nil
}

// Close lets the process that is left behind end. Call it when no attempt is
// under way.
func (as *Attempts) Close() {
	as.mu.Lock()
	defer as.mu.Unlock()
	if as.list != nil {
		_ = as.alive.Close()
		_ = as.warden.Wait()
		_ = as.list.Close()
		as.list = nil
	}
}
