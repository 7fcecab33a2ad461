package environment

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/pkg/action"
)

// helper keeps new credentials with a program: a password manager's own, or a
// script around it. It is given the secret by its input, and its complaints are
// not shown: they may repeat it.
type helper struct {
	put, get []string
	dir      func() (string, error)
}

// Put implements action.SecretStore.
func (h *helper) Put(ctx context.Context, name string, secret action.Secret) (string, error) {
	file, err := helperName(name)
	if err != nil {
		return "", err
	}
	dir, err := h.dir()
	if err != nil {
		return "", err
	}
	if _, err := runHelper(ctx, append(append([]string{}, h.put...), file), dir, action.NewSecret(secret.Reveal()+"\n")); err != nil {
		return "", wrap(err, "the secret was not stored, so nothing was changed")
	}
	return "exec:" + strings.Join(append(append([]string{}, h.readable()...), file), " "), nil
}

// helperName is fileName for an argument: it must not become an option.
func helperName(name string) (string, error) {
	file, err := fileName(name)
	if rest, dash := strings.CutPrefix(file, "-"); dash {
		file = "%2D" + rest
	}
	return file, err
}

// readable is what people call to read a secret.
func (h *helper) readable() []string {
	if len(h.get) > 0 {
		return h.get
	}
	return h.put[:1]
}

// Get implements action.SecretStore.
func (h *helper) Get(ctx context.Context, ref string) (action.Secret, error) {
	prefix := "exec:" + strings.Join(h.readable(), " ") + " "
	file, ok := strings.CutPrefix(ref, prefix)
	name, unescaped := url.PathUnescape(file)
	if again, err := helperName(name); !ok || unescaped != nil || err != nil || again != file {
		return action.Secret{}, &action.Error{Message: "the reference is none of the program that new_secrets names", Permanent: true}
	}
	if len(h.get) == 0 {
		return action.Secret{}, &action.Error{
			Message: filepath.Base(h.put[0]) + " has it",
			Hint:    "add `read: [PROGRAM, ...]` below new_secrets, if irctl may read it back",
			Cause:   action.ErrSealed,
		}
	}
	dir, err := h.dir()
	if err != nil {
		return action.Secret{}, err
	}
	return fromProgram(ctx, append(append([]string{}, h.get...), file), dir)
}

// runHelper runs a program that is given or gives a secret.
func runHelper(ctx context.Context, argv []string, dir string, input action.Secret) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, execTimeout)
	defer cancel()
	name := action.CleanLine(filepath.Base(argv[0]), 80)
	res, err := process.Command{Argv: argv, Dir: dir, Stdin: input, Max: maxSecret + 1, Grace: helperGrace}.Run(ctx, nil)
	if err == nil {
		return res.Stdout, nil
	}
	e := &action.Error{Hint: "run it by hand in " + action.CleanLine(dir, 200) + " to see what it says"}
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		e.Message = fmt.Sprintf("%s did not answer within %s", name, execTimeout)
	case ctx.Err() != nil:
		e.Message, e.Cause, e.Hint = name+" was stopped", ctx.Err(), ""
	case res.ExitCode >= 0:
		e.Message = fmt.Sprintf("%s ended with exit code %d", name, res.ExitCode)
	default:
		e.Message = name + " could not be run"
	}
	return "", e
}
