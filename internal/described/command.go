package described

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/internal/programs"
	"github.com/irctl/irctl/pkg/action"
)

// shell runs commands on a host.
type shell struct {
	*description
	system System
	on     *host.Host
}

func (c shell) send(ctx context.Context, s *section, f filler, _ string, accept []int, out action.Sink) (answer, error) {
	if c.timeout > 0 {
		limited, stop := context.WithTimeout(ctx, c.timeout)
		defer stop()
		ctx = limited
	}
	argv, err := f.argv(s.argv)
	if err != nil {
		return answer{}, err
	}
	cmd := process.Command{Argv: argv, Dir: c.dir, Env: map[string]any{}, Success: append(accept, 0), Max: 1 << 20}
	for _, from := range []map[string]any{c.env, s.env} {
		if err := f.headers(cmd.Env, from); err != nil {
			return answer{}, err
		}
	}
	if cmd.Stdin, err = f.stdin(s.stdin); err != nil {
		return answer{}, err
	}
	res, err := c.on.Run(ctx, cmd, out)
	return answer{code: res.ExitCode, text: res.Stdout}, host.Advise(err, "run it by hand on "+c.on.String()+" to see why")
}

// ready looks for the programs.
func (c shell) ready(ctx context.Context) error {
	for _, err := range c.on.Check(ctx) {
		return err
	}
	for name, t := range c.system.sections(c.description) {
		found, err := c.on.Has(ctx, t.argv[0])
		if err != nil {
			return err
		}
		if !found {
			return &action.Error{
				Message: fmt.Sprintf("the program %s of the section %q is not on %s", action.CleanLine(t.argv[0], 60), name, c.on),
				Hint:    "install it, or give its whole path", Permanent: true,
			}
		}
	}
	return nil
}

// argv fills in arguments. A value must not become an option: after "--" none
// can.
func (f filler) argv(list []string) ([]string, error) {
	filled := make([]any, len(list))
	ended := false
	for i, text := range list {
		out, secret, err := f.text(text, nil)
		switch {
		case err != nil:
			return nil, err
		case secret:
			filled[i] = action.NewSecret(out)
			continue
		case !ended && strings.HasPrefix(out, "-") && !strings.HasPrefix(text, "-"):
			return nil, badValue(names(text)[0], errors.New(`it begins with "-" and would be taken for an option; put "--" before it in the target's argv`))
		}
		filled[i] = out
		ended = ended || text == "--"
	}
	return process.Argv(filled)
}

func (f filler) stdin(v any) (action.Secret, error) {
	switch v := v.(type) {
	case nil:
		return action.Secret{}, nil
	case action.Secret:
		return v, nil
	case string:
		out, _, err := f.text(v, nil)
		return action.NewSecret(out), err
	}
	filled, err := f.json(v)
	if err != nil {
		return action.Secret{}, err
	}
	b, err := data.Encode(filled)
	return action.NewSecret(string(b)), err
}

// checkCommands refuses descriptions in which a value would be read as program
// text: by a shell, or by the one that ssh hands its arguments to.
func (s System) mistakenCommands(d *description) []action.Problem {
	var problems []action.Problem
	for name, t := range s.sections(d) {
		argv := t.argv
		if len(argv) == 0 || argv[0] == "" || len(names(argv[0])) > 0 {
			problems = append(problems, action.Problem{Input: name + ".argv", Message: "must begin with the name of a program"})
			continue
		}
		for i, arg := range argv {
			if by := programs.Reads(argv, i); by != "" && i > 0 && len(names(arg)) > 0 {
				problems = append(problems, action.Problem{
					Input: fmt.Sprintf("%s.argv[%d]", name, i), Message: "would be read by " + by + " as a program",
					Hint: "pass the value in env and use the variable in quotes, or by stdin",
				})
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.env)) {
		if strings.ContainsAny(name, "= ") {
			problems = append(problems, action.Problem{Input: "env", Message: fmt.Sprintf("%q cannot be the name of a variable", name)})
		}
	}
	return problems
}
