package library

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/check"
	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/fitting"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/runbook"
	"github.com/irctl/irctl/runbooks"
)

// Request is what somebody wants to run.
type Request struct {
	Runbook     string            // a name or a path
	Environment string            // likewise; "" for none
	Inputs      map[string]string // as they were given
	Repeated    []string          // inputs that were given several times
	Part        Part
}

// Prepared is everything that a run needs before it begins.
type Prepared struct {
	Asked           Request
	File            *Document
	Plan            *plan.Plan
	Encoded         []byte                   // of the plan
	Environment     *environment.Environment // nil if there is none
	EnvironmentFile *Document
	Inputs          event.Values
	Secrets         event.Values   // secret inputs: where they come from
	Fit             fitting.Report // what it may meet

	Others     []*Document       // what else the plan was made from
	Signatures []event.Signature // that are good
	LeftOut    []string          // paths of the steps that do not run
	Override   string            // why it runs although something says that it must not
	Overrode   []string          // what that was

	playbooks *playbooks // nil for a runbook
}

// Prepare finds and compiles a runbook, opens the environment and types the
// inputs. Everything that is wrong is found before anything runs.
func (l *Library) Prepare(r Request) (*Prepared, error) {
	file, err := l.Runbook(r.Runbook)
	if err != nil {
		return nil, err
	}
	w := &Prepared{Asked: r, File: file}
	if err := l.makePlan(w); err != nil {
		return nil, err
	}
	if w.Environment, w.EnvironmentFile, err = l.Environment(r.Environment); err != nil {
		return nil, err
	}
	if err := w.gather(); err != nil {
		return nil, err
	}
	if w.playbooks != nil {
		if err := w.playbooks.bind(w); err != nil {
			return nil, err
		}
	}
	l.connects(w)
	if err := l.vouch(w); err != nil {
		return nil, err
	}
	if err := l.strengthen(w); err != nil {
		return nil, err
	}
	if err := l.leaveOut(w); err != nil {
		return nil, err
	}
	w.askEach()
	if w.Encoded, err = w.Plan.Encode(); err != nil {
		return nil, fmt.Errorf("cannot make a plan of %s: %w", file.Path, err)
	}
	values, refs, problems := compile.Inputs(w.Plan, r.Inputs)
	for _, f := range w.Plan.Inputs {
		if slices.Contains(r.Repeated, f.Name) && f.Type != string(action.List) && f.Type != string(action.Map) {
			problems = append(problems, compile.Problem{Input: f.Name, Message: "is given twice", Hint: "it takes one value; only lists and maps may be given in parts"})
		}
	}
	if len(problems) == 0 {
		w.Inputs, w.Secrets = values, refs
	}
	if err := l.suits(w); err != nil {
		return nil, err
	}
	if len(problems) > 0 {
		return nil, w.badInputs(problems)
	}
	return w, nil
}

func (w *Prepared) badInputs(problems []compile.Problem) error {
	e := &Unready{Run: w, Reason: BadInputs, Problem: "the inputs of " + w.Plan.Runbook + " are not complete or not right"}
	for _, p := range problems {
		e.Reasons, e.Inputs = append(e.Reasons, p.Error()), append(e.Inputs, p.Input)
	}
	return e
}

// gather finds out which machines the groups of the environment have. The list
// goes with the run: what was found is what runs, and what is resumed.
func (w *Prepared) gather() error {
	env, list, err := Gathered(w.Environment)
	if err != nil || list == nil {
		return err
	}
	text, err := list.Encode()
	if err != nil {
		return err
	}
	w.Environment = env
	name := environment.ListingName + w.Environment.Name()
	w.keep(NewDocument(name, name, text))
	return nil
}

// makePlan compiles what is to run. A playbook must say where its outputs come
// from by now.
func (l *Library) makePlan(w *Prepared) error {
	var ds runbook.Diagnostics
	if w.File.IsPlaybook() {
		w.Plan, w.playbooks, ds = l.lowerPlaybook(w.File)
		w.keep(w.playbooks.files...)
		w.keep(w.playbooks.bindings...)
	} else {
		rules := l.rules()
		rules.Callee = func(name, from string) (*runbook.Runbook, error) {
			d, rb, err := l.calleeOf(name, from)
			if err == nil {
				w.keep(d)
			}
			return rb, err
		}
		w.Plan, ds = l.lowerRunbook(w.File, rules)
	}
	if ds.HasErrors() {
		return &Invalid{w.File, ds}
	}
	return nil
}

// keep notes files that the plan was made from, each once.
func (w *Prepared) keep(files ...*Document) {
	for _, d := range files {
		same := func(o *Document) bool { return o.Path == d.Path && o.Digest == d.Digest }
		if !same(w.File) && !slices.ContainsFunc(w.Others, same) {
			w.Others = append(w.Others, d)
		}
	}
}

// Compile makes a plan of a file. The error is *Invalid and holds everything
// that is wrong with it.
func (l *Library) Compile(file *Document) (*plan.Plan, error) {
	p, ds := l.lower(file)
	if ds.HasErrors() {
		return nil, &Invalid{file, ds}
	}
	return p, nil
}

// PlanOf makes a plan of the runbook of a name, to be read and not to be run.
func (l *Library) PlanOf(name string) (*plan.Plan, error) {
	d, err := l.Runbook(name)
	if err != nil {
		return nil, err
	}
	return l.Compile(d)
}

// lower parses, checks and compiles a file: a runbook, or a playbook of CACAO.
func (l *Library) lower(file *Document) (*plan.Plan, runbook.Diagnostics) {
	if file.IsPlaybook() {
		p, _, ds := l.lowerPlaybook(file)
		return p, ds
	}
	return l.lowerRunbook(file, l.rules())
}

func (l *Library) lowerRunbook(file *Document, rules check.Deps) (*plan.Plan, runbook.Diagnostics) {
	rb, ds := language.Parse(file.Path, file.Source)
	if ds.HasErrors() {
		if rb != nil {
			_, found := check.Analyze(rb, rules)
			ds, _ = check.Despite(rb, ds, found)
		}
		return nil, ds
	}
	p, more := compile.Runbook(rb, rules)
	return p, append(ds, more...)
}

// calleeFile is Runbook for a step that runs another runbook.
func (l *Library) calleeFile(name, from string) (*Document, error) {
	if !isPath(name) {
		return l.Runbook(name)
	}
	if shipped, ok := strings.CutPrefix(from, shippedPrefix); ok {
		file := path.Join(path.Dir(filepath.ToSlash(shipped)), filepath.ToSlash(name))
		source, ok := runbooks.Source(strings.TrimSuffix(file, ".yaml"))
		if !ok || !strings.HasSuffix(file, ".yaml") {
			return nil, &FileError{Problem: "no shipped runbook is called " + name}
		}
		return NewDocument(name, shippedPrefix+name, source), nil
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(filepath.Dir(from), name)
	}
	if err := callable(l.Abs(name)); err != nil {
		return nil, err
	}
	return l.Read(KindRunbook, name)
}

// callable refuses a file that a step must not lead to: whoever looks at
// somebody else's runbook reads no file of its choice, and waits for no pipe.
func callable(file string) error {
	if !slices.Contains(documentEnds, filepath.Ext(file)) {
		return &FileError{Problem: "a file that `run` leads to must end in " + strings.Join(documentEnds, ", ")}
	}
	info, err := os.Stat(file)
	if err == nil && (!info.Mode().IsRegular() || info.Size() > mostBytes) {
		return &FileError{Problem: "it is no file, or larger than 32 MiB"}
	}
	return nil // what is not there is reported by whoever reads it
}

// suits asks what of the plan would not work. Without inputs that are right
// nothing is certain of what depends on them.
func (l *Library) suits(w *Prepared) error {
	if w.Environment == nil && needsEnvironment(w.Plan) {
		return l.wantsEnvironment(w)
	}
	world := fitting.World{Environment: w.Environment, Action: l.Actions.Lookup}
	w.Fit = fitting.Plan(w.Plan, event.RunStarted{Runbook: w.Plan.Runbook, Inputs: w.Inputs, SecretRefs: w.Secrets}, world)
	reasons := each.Of(w.Fit.Certain(), func(m fitting.Met) string { return m.String() })
	if len(reasons) == 0 {
		return nil
	}
	return w.unsuitable(reasons)
}

// needsEnvironment reports whether a plan acts on targets or asks for values.
func needsEnvironment(p *plan.Plan) bool {
	return len(compile.EnvNames(p))+len(compile.Selectors(p)) > 0 || slices.ContainsFunc(p.Nodes, func(n plan.Node) bool {
		return slices.ContainsFunc([]*plan.Use{n.Action, n.Undo, n.Verify}, func(use *plan.Use) bool { return use != nil && (use.Target != "" || use.TargetExpr.Given) })
	})
}

// unsuitable says what the environment lacks, and the lines that would bind it.
func (w *Prepared) unsuitable(missing []string, lines ...string) error {
	what := "the environment " + w.Environment.Name() + " does not suit " + w.Plan.Runbook
	return &Unready{Run: w, Reason: Unsuitable, Problem: what, Reasons: missing, Names: lines}
}

func (l *Library) wantsEnvironment(w *Prepared) error {
	names := each.Of(l.Environments(), func(one Listed) string { return one.Name })
	return &Unready{Run: w, Reason: NoEnvironment, Problem: w.Plan.Runbook + " acts on targets, and no environment says which systems those are", Names: names}
}
