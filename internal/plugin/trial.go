package plugin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/pkg/action"
)

// CasesOf is the file beside a plugin that says how it is tried.
func CasesOf(path string) string { return path + ".test.json" }

// tryout is one use of an action, and a system that it is tried on. {folder} in
// its texts is an empty folder, in which the programs run.
type tryout struct {
	Action string         `json:"action"`
	With   map[string]any `json:"with"`
	Target struct {
		Type   string         `json:"type"`
		Config map[string]any `json:"config"`
	} `json:"target"`
	Start []string `json:"start"` // makes the system, in which there is something to do
	State []string `json:"state"` // prints all that the action may change
	Anew  bool     `json:"anew"`  // as of actiontest.Contract
	Stays bool     `json:"stays"`
}

// Try holds the plugin at path to the protocol and, on the systems that the file
// of cases describes, to the contract of actions, in which it is killed at
// everything that it says. It runs also what is not trusted yet.
func (h *Host) Try(ctx context.Context, path string) ([]actiontest.Check, error) {
	top := actiontest.NewTally(ctx)
	e, err := h.Describe(ctx, Entry{Path: path})
	top.Check("protocol: it says hello and describes itself, and passes over what it does not know", err)
	if err != nil {
		return top.Checks(), nil
	}
	again, err := h.Describe(ctx, Entry{Path: path})
	if err == nil && !reflect.DeepEqual(e, again) {
		err = errors.New("it describes itself otherwise the second time")
	}
	top.Check("protocol: it describes itself the same way twice", err)
	nobody := &act{h, e, action.Spec{Name: "no.such"}}
	_, err = nobody.Run(ctx, action.Request{Attempt: 1, Key: "trial"}, &actiontest.Sink{})
	switch {
	case err == nil:
		err = errors.New("it answers that it has run an action that it does not have")
	case action.IsDoubtful(err):
	default:
		err = nil
	}
	top.Check("protocol: it refuses an action that it does not have", err)
	cases, err := readCases(CasesOf(path))
	if err != nil {
		return nil, err
	}
	for _, o := range e.Actions {
		name := o.Spec.Name
		i := slices.IndexFunc(cases, func(c tryout) bool { return c.Action == name })
		switch {
		case o.Spec.Effect == action.Read:
		case !o.Inspect:
			top.Check(name+": the contract", errors.New("it cannot look, so that after a crash a person has to: describe it with inspect"))
		case i < 0:
			top.Check(name+": the contract", fmt.Errorf("%s has no case for it", CasesOf(path)))
		default:
			h.hold(top, e, o, cases[i])
		}
	}
	return top.Checks(), ctx.Err()
}

func readCases(path string) (cases []tryout, err error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	d := json.NewDecoder(io.LimitReader(f, maxLine))
	d.DisallowUnknownFields()
	if err := d.Decode(&cases); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return cases, nil
}

// hold holds one action to the contract.
func (h *Host) hold(top *actiontest.Tally, e Entry, o action.Offer, c tryout) {
	stage := &stage{tryout: c, spec: o.Spec}
	tapped := *h // each trial has the process die where the stage says
	tapped.heard = stage.heard
	root, err := os.MkdirTemp("", "irctl-trial-")
	if err != nil {
		top.Check(o.Spec.Name, err)
		return
	}
	defer func() { _ = os.RemoveAll(root) }()
	start := func(t actiontest.T) actiontest.StandIn {
		folder, err := os.MkdirTemp(root, "")
		if err == nil {
			err = stage.start(t.Context(), folder)
		}
		if err != nil {
			t.Errorf("the system to try it on cannot be made: %v", err)
			t.FailNow()
		}
		return stage
	}
	top.Run(o.Spec.Name, func(t actiontest.T) {
		actiontest.Contract{Action: tapped.action(e, o), Start: start, Anew: c.Anew, Stays: c.Stays, Dies: true}.Test(t)
	})
}

// stage is the system that a case is tried on. It starts anew for each trial.
type stage struct {
	tryout
	spec     action.Spec
	faults   *actiontest.Faults
	request  action.Request
	recorded bool
}

// errKilled is a process that died at what it said.
var errKilled = action.Doubtful(errors.New("it was killed, to see how it goes on"))

// heard counts what the plugin says as interactions: a death comes between two
// of them. What follows a record may change something.
func (s *stage) heard(m action.Message) error {
	s.recorded = s.recorded || m.Type == action.TypeRecord
	if m.Type == action.TypeProgress || m.Inspection != nil {
		return nil
	}
	if s.faults.Next(s.recorded || m.Type == action.TypeAnswer) != actiontest.None {
		return errKilled
	}
	return nil
}

func (s *stage) start(ctx context.Context, folder string) error {
	in := func(v any) any { return placed(v, folder) }
	form, known := s.spec.TargetType(s.Target.Type)
	if !known && len(s.spec.Targets) > 0 {
		return fmt.Errorf("%s has no target type %q", s.spec.Name, s.Target.Type)
	}
	with, wrong := coerce.Fields(s.spec.Inputs, in(s.With).(map[string]any))
	config, more := coerce.Fields(form.Fields, in(s.Target.Config).(map[string]any))
	for _, p := range append(wrong, more...) {
		return fmt.Errorf("%s %s", p.Input, p.Message)
	}
	s.faults, s.recorded = &actiontest.Faults{}, false
	s.request = action.Request{
		Run: "01JD", Runbook: "trial", Path: "step", Attempt: 1, Key: "01JD/step", With: with, Dir: folder, Folder: folder,
		Target: action.Target{Name: "trial", Type: form.Name, Config: config}, Allow: action.Allow{Loopback: true},
	}
	_, err := s.program(ctx, s.Start)
	return err
}

func (s *stage) program(ctx context.Context, argv []string) (string, error) {
	argv = each.Of(argv, func(a string) string { return placed(a, s.request.Dir).(string) })
	res, err := process.Command{Argv: argv, Dir: s.request.Dir, Max: maxLine}.Run(ctx, nil)
	return res.Stdout, err
}

// placed is data with a folder in its texts.
func placed(v any, folder string) any {
	switch v := v.(type) {
	case string:
		return strings.ReplaceAll(v, "{folder}", folder)
	case []any:
		return each.Of(v, func(e any) any { return placed(e, folder) })
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, e := range v {
			out[name] = placed(e, folder)
		}
		return out
	}
	return v
}

// Request implements actiontest.StandIn.
func (s *stage) Request() action.Request { return s.request }

// State implements actiontest.StandIn. A state that cannot be told is another
// each time.
func (s *stage) State() string {
	text, err := s.program(context.Background(), s.tryout.State)
	if err != nil {
		return fmt.Sprintf("%s (%p)", err, new(byte))
	}
	return text
}

// Faults implements actiontest.StandIn.
func (s *stage) Faults() *actiontest.Faults { return s.faults }
