// Package restic keeps folders in a repository of restic, by its own program:
// [Open] names the repository, [Repository.Keep] adds a folder as a snapshot with
// tags, [Repository.Tagged] finds it again, [Repository.Read] reads it back, and
// [Repository.Locked] says who keeps others out. Each process of restic takes
// half a second to make its key, so that there are few.
//
// The password and the address travel in restic's environment, never in its
// arguments.
//
// Files, in reading order: repository.go, target.go.
package restic

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/internal/patience"
	"github.com/irctl/irctl/pkg/action"
)

const program = "restic"

// maxFile is the most that is read of what restic prints, in bytes.
const maxFile = 16 << 20

// lockedTime bounds the wait for others who lock the repository.
const lockedTime = 2 * time.Minute

// Repository is where snapshots are kept.
type Repository struct {
	env map[string]any
	on  *host.Host // this machine
}

// Snapshot is a folder as it was kept.
type Snapshot struct {
	ID   string   `json:"id"`
	Tree string   `json:"tree"` // the digest of all that is in it
	Tags []string `json:"tags"`
}

// Open is the repository that a request's target names. It does no I/O.
func Open(req action.Request) (Repository, error) {
	c, err := config.Read[Config](req.Target)
	if err != nil {
		return Repository{}, err
	}
	env := map[string]any{}
	maps.Copy(env, c.Environment)
	env["RESTIC_REPOSITORY"], env["RESTIC_PASSWORD"] = c.Repository, c.Password
	on, err := host.Open(host.Via{}, req.Allow)
	return Repository{env, on}, err
}

// Lock is what somebody keeps others from the repository with, whom restic
// waits for.
type Lock struct {
	Time      time.Time `json:"time"`
	Exclusive bool      `json:"exclusive"`
	Host      string    `json:"hostname"`
	User      string    `json:"username"`
	PID       int       `json:"pid"`
}

// String names whose it is.
func (l Lock) String() string {
	return fmt.Sprintf("locked exclusively by process %d of %s on %s since %s", l.PID, action.CleanLine(l.User, 40), action.CleanLine(l.Host, 60), l.Time.UTC().Format("2006-01-02 15:04:05 UTC"))
}

// Locked returns the lock that would have Keep wait, nil if there is none, and
// says what keeps the repository from being used at all. It changes nothing,
// and waits for nobody.
func (r Repository) Locked(ctx context.Context) (*Lock, error) {
	ids, err := r.run(ctx, "", "list", "locks", "--no-lock", "--quiet")
	if err != nil {
		return nil, err
	}
	for _, id := range strings.Fields(ids) {
		text, err := r.run(ctx, "", "cat", "lock", id, "--no-lock", "--quiet")
		if err != nil {
			continue // it is gone
		}
		var l Lock
		if json.Unmarshal([]byte(text), &l) == nil && l.Exclusive && time.Since(l.Time) < staleTime {
			return &l, nil
		}
	}
	return nil, nil
}

// staleTime is how old a lock is that restic itself takes for forgotten.
const staleTime = 30 * time.Minute

// Tagged returns the first snapshot with a tag.
func (r Repository) Tagged(ctx context.Context, tag string) (Snapshot, bool, error) {
	text, err := r.run(ctx, "", "snapshots", "--json", "--no-lock", "--tag", tag)
	if err != nil {
		return Snapshot{}, false, err
	}
	var found []Snapshot
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		return Snapshot{}, false, &action.Error{Message: "restic listed its snapshots in a form that irctl does not know", Hint: "irctl was tried with restic 0.14 and later", Cause: err, Permanent: true}
	}
	if len(found) == 0 {
		return Snapshot{}, false, nil
	}
	return found[0], true, nil
}

// Keep adds a folder as a snapshot. Drafts, whose names end in .part, are left
// out. Others may use the repository meanwhile, but not lock it for themselves:
// for those it waits, and tells out whom for.
func (r Repository) Keep(ctx context.Context, out action.Sink, folder string, tags ...string) error {
	args := []string{"backup", "--json", "--quiet", "--exclude", ".*.part"}
	for _, t := range tags {
		args = append(args, "--tag", Tag(t))
	}
	args = append(args, ".")
	var held *Lock // as it was seen last
	return patience.Limit{For: lockedTime, Every: lookEvery}.Until(ctx, func() error {
		res, err := r.call(ctx, folder, nil, args...)
		if err == nil || res.ExitCode <= 0 || !strings.Contains(res.Stderr, "already locked") {
			return patience.Stop(held.before(explain(args[0], res, err)))
		}
		// What somebody left behind who died is taken away: restic tells these
		// apart.
		if res, err := r.call(ctx, "", nil, "unlock", "--quiet"); err != nil {
			return patience.Stop(held.before(explain("unlock", res, err)))
		}
		l, looked := r.Locked(ctx)
		if looked != nil || l == nil {
			return held.before(explain(args[0], res, err))
		}
		if held == nil {
			out.Progress("waiting: the repository is " + l.String())
		}
		held = l
		return &action.Error{Message: "nothing was kept: the repository is " + l.String(), Hint: waitFor}
	})
}

// before says of an error that came while Keep waited for a lock whose it is;
// nil is no lock.
func (l *Lock) before(err error) error {
	if l == nil || err == nil {
		return err
	}
	return &action.Error{
		Message: "the repository was " + l.String() + "; then " + err.Error(),
		Hint:    waitFor, Doubt: action.IsDoubtful(err),
	}
}

const waitFor = "wait for that process, or have its owner end it or take its lock away. Then retry"

// lookEvery is how often Keep asks for a lock: each time costs half a second of
// a processor.
const lookEvery = 2 * time.Second

// Tag is a text as restic can keep it for a tag.
func Tag(text string) string {
	return strings.NewReplacer(",", "_", " ", "_").Replace(action.CleanLine(text, 100))
}

// Read reads all of a snapshot back, as restic checks it against its own
// digests. It returns the SHA-256 of each file, by its path, and the texts of
// those that are named. It locks nothing.
func (r Repository) Read(ctx context.Context, tag string, texts ...string) (digests, read map[string]string, err error) {
	reader, writer := io.Pipe()
	done := make(chan error, 1)
	go func() {
		var err error
		digests, read, err = unpack(tar.NewReader(reader), texts)
		_, _ = io.Copy(io.Discard, reader) // restic must not wait for us
		done <- err
	}()
	res, err := r.call(ctx, "", pipe{writer}, "dump", "--no-lock", "--tag", tag, "latest", "/")
	_ = writer.Close()
	bad := <-done
	if err == nil && bad != nil {
		err = &action.Error{Message: "the snapshot could not be read back", Hint: "retry", Cause: bad}
	}
	return digests, read, explain("dump", res, err)
}

func unpack(archive *tar.Reader, texts []string) (digests, read map[string]string, err error) {
	digests, read = map[string]string{}, map[string]string{}
	for {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return digests, read, nil
		}
		if err != nil {
			return nil, nil, err
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		name := strings.TrimPrefix(path.Clean("/"+h.Name), "/")
		hash, text := sha256.New(), &strings.Builder{}
		var to io.Writer = hash
		if slices.Contains(texts, name) && h.Size <= maxFile {
			to = io.MultiWriter(hash, text)
		}
		if _, err := io.Copy(to, archive); err != nil {
			return nil, nil, err
		}
		digests[name] = hex.EncodeToString(hash.Sum(nil))
		if to != hash {
			read[name] = text.String()
		}
	}
}

// pipe is a Sink that hands on what a command prints.
type pipe struct{ stdout io.Writer }

func (pipe) Record(map[string]any) error { return nil }
func (pipe) Progress(string)             {}
func (pipe) Artifact(string, io.Reader) (string, int64, error) {
	return "", 0, errors.New("what restic prints is no artifact")
}
func (p pipe) Output(stream string) io.Writer {
	if stream == "stdout" {
		return p.stdout
	}
	return io.Discard
}

func (r Repository) run(ctx context.Context, dir string, args ...string) (string, error) {
	res, err := r.call(ctx, dir, nil, args...)
	if err == nil && res.Cut {
		err = &action.Error{Message: fmt.Sprintf("restic %s printed more than %d MiB", args[0], maxFile>>20), Permanent: true}
	}
	return res.Stdout, explain(args[0], res, err)
}

func (r Repository) call(ctx context.Context, dir string, out action.Sink, args ...string) (process.Result, error) {
	return r.on.Run(ctx, process.Command{Argv: append([]string{program}, args...), Dir: dir, Env: r.env, Max: maxFile}, out)
}

// explain says what to do about the ways in which restic mostly fails.
func explain(verb string, res process.Result, err error) error {
	if err == nil {
		return nil
	}
	lines := strings.Split(strings.TrimSpace(res.Stderr), "\n")
	first := action.CleanLine(strings.TrimPrefix(lines[0], "Fatal: "), 200)
	out := &action.Error{Message: fmt.Sprintf("restic %s failed", verb), Hint: "try by hand: restic snapshots", Cause: errors.New(first), Permanent: false}
	switch {
	case res.ExitCode <= 0: // it is not there, or was not followed to its end
		return err
	case strings.Contains(res.Stderr, "wrong password or no key found"):
		out.Message, out.Hint, out.Permanent = "the repository does not accept the password", "check the secret behind password of the environment's target", true
	case strings.Contains(res.Stderr, "unable to open config file"), strings.Contains(res.Stderr, "repository does not exist"):
		out.Message, out.Hint = "there is no repository of restic, or nothing leads there", "correct repository in the environment's target, or make one with restic init"
	}
	return out
}
