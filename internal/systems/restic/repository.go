// Package restic keeps folders in a repository of restic, by its own program:
// [Open] names the repository, [Repository.Keep] adds a folder as a snapshot with
// tags, [Repository.Tagged] finds it again, [Repository.File] and
// [Repository.Files] read it back, and [Repository.Check] has restic check the
// whole repository.
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

// lockedTime bounds the wait for others who use the repository.
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

// Reachable says what keeps the repository from being used. It changes
// nothing.
func (r Repository) Reachable(ctx context.Context) error {
	_, err := r.run(ctx, "", "cat", "config", "--no-lock")
	return err
}

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

// Keep adds a folder as a snapshot and returns it. Drafts, whose names end in
// .part, are left out.
func (r Repository) Keep(ctx context.Context, folder string, tags ...string) (Snapshot, error) {
	args := []string{"backup", "--json", "--quiet", "--exclude", ".*.part"}
	for _, t := range tags {
		args = append(args, "--tag", Tag(t))
	}
	if _, err := r.run(ctx, folder, append(args, ".")...); err != nil {
		return Snapshot{}, err
	}
	s, found, err := r.Tagged(ctx, Tag(tags[0]))
	if err == nil && !found {
		err = &action.Error{Message: "restic reported no error, but the snapshot is not in the repository", Hint: "retry; restic snapshots lists what is there"}
	}
	return s, err
}

// Tag is a text as restic can keep it for a tag.
func Tag(text string) string {
	return strings.NewReplacer(",", "_", " ", "_").Replace(action.CleanLine(text, 100))
}

// File returns a file of a snapshot.
func (r Repository) File(ctx context.Context, s Snapshot, name string) (string, error) {
	return r.run(ctx, "", "dump", "--no-lock", s.ID, "/"+name)
}

// Files reads all of a snapshot back and returns the SHA-256 of each file, by
// its path.
func (r Repository) Files(ctx context.Context, s Snapshot) (map[string]string, error) {
	reader, writer := io.Pipe()
	type answer struct {
		digests map[string]string
		err     error
	}
	read := make(chan answer, 1)
	go func() {
		digests, err := digests(tar.NewReader(reader))
		_, _ = io.Copy(io.Discard, reader) // restic must not wait for us
		read <- answer{digests, err}
	}()
	_, err := r.call(ctx, "", pipe{writer}, "dump", "--no-lock", s.ID, "/")
	_ = writer.Close()
	got := <-read
	if err == nil && got.err != nil {
		err = &action.Error{Message: "snapshot " + s.ID + " could not be read back", Hint: "retry", Cause: got.err}
	}
	return got.digests, err
}

func digests(archive *tar.Reader) (map[string]string, error) {
	out := map[string]string{}
	for {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		hash := sha256.New()
		if _, err := io.Copy(hash, archive); err != nil {
			return nil, err
		}
		out[strings.TrimPrefix(path.Clean("/"+h.Name), "/")] = hex.EncodeToString(hash.Sum(nil))
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

// Check has restic check that the repository is whole: all snapshots, and that
// nothing they need is missing.
func (r Repository) Check(ctx context.Context) error {
	_, err := r.run(ctx, "", "check", "--quiet")
	return err
}

func (r Repository) run(ctx context.Context, dir string, args ...string) (string, error) {
	res, err := r.call(ctx, dir, nil, args...)
	if err == nil && res.Cut {
		err = &action.Error{Message: fmt.Sprintf("restic %s printed more than %d MiB", args[0], maxFile>>20), Permanent: true}
	}
	return res.Stdout, err
}

// call runs restic, and waits while somebody else has locked the repository. A
// lock whose owner died is taken away: restic tells these apart.
func (r Repository) call(ctx context.Context, dir string, out action.Sink, args ...string) (res process.Result, err error) {
	limit := patience.Limit{For: lockedTime, Every: 200 * time.Millisecond}
	err = limit.Until(ctx, func() error {
		var failed error
		res, failed = r.on.Run(ctx, process.Command{Argv: append([]string{program}, args...), Dir: dir, Env: r.env, Max: maxFile}, out)
		if failed == nil || !strings.Contains(res.Stderr, "already locked") {
			return patience.Stop(explain(args[0], res, failed))
		}
		unlocked, err := r.on.Run(ctx, process.Command{Argv: []string{program, "unlock", "--quiet"}, Env: r.env}, nil)
		if err != nil {
			return patience.Stop(explain("unlock", unlocked, err))
		}
		return &action.Error{Message: "somebody else has locked the repository for too long", Hint: "see with restic list locks who it is, then retry", Cause: failed}
	})
	return res, err
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
