package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/check"
	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/runbook"
	"github.com/irctl/irctl/runbooks"
)

// prepared is everything that a run needs before it begins.
type prepared struct {
	file    *document
	plan    *plan.Plan
	encoded []byte // of the plan
	env     *environment.Environment
	envFile *document // nil if there is no environment
	inputs  event.Values
	refs    event.Values // secret inputs: where they come from
	given   map[string]string

	others    []*document       // what else the plan was made from
	signed    []event.Signature // that are good
	playbooks *playbooks        // nil for a runbook
	override  string            // why it runs although something says that it must not
	overrode  []string          // what that was
}

// findRunbook returns the file that the name of a runbook means.
func (a *app) findRunbook(name string) (*document, error) {
	d, err := a.find(a.runbookPlaces(), name)
	if !errors.Is(err, errNotFound) {
		return d, err
	}
	if source, err := fs.ReadFile(runbooks.FS, name+".yaml"); err == nil {
		return newDocument(name, shippedPrefix+name+".yaml", source), nil
	}
	var names []string
	for _, l := range a.allRunbooks() {
		names = append(names, l.Name)
	}
	p := &problem{exit: ExitInvalid, what: "there is no runbook " + name + didYouMean(nearest(name, names))}
	p.means = "Looked in ./runbooks, your own and the machine's irctl/runbooks folders, and among the shipped ones."
	return nil, p.with("irctl runbook list")
}

// calleeFile is findRunbook for a step that runs another runbook.
func (a *app) calleeFile(name, from string) (*document, error) {
	if !isPath(name) {
		return a.findRunbook(name)
	}
	if shipped, ok := strings.CutPrefix(from, shippedPrefix); ok {
		source, err := fs.ReadFile(runbooks.FS, filepath.ToSlash(filepath.Join(filepath.Dir(shipped), name)))
		if err != nil {
			return nil, &problem{exit: ExitInvalid, what: "no shipped runbook is called " + name}
		}
		return newDocument(name, shippedPrefix+name, source), nil
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(filepath.Dir(from), name)
	}
	if err := callable(a.abs(name)); err != nil {
		return nil, err
	}
	return a.readDocument("runbook", name, a.abs(name))
}

// callable refuses a file that a step must not lead to: whoever looks at
// somebody else's runbook reads no file of its choice, and waits for no pipe.
func callable(path string) error {
	if !slices.Contains(documentEnds, filepath.Ext(path)) {
		return &problem{exit: ExitInvalid, what: "a file that `run` leads to must end in " + strings.Join(documentEnds, ", ")}
	}
	info, err := os.Stat(path)
	if err == nil && (!info.Mode().IsRegular() || info.Size() > mostBytes) {
		return &problem{exit: ExitInvalid, what: "it is no file, or larger than 32 MiB"}
	}
	return nil // what is not there is reported by whoever reads it
}

// allRunbooks lists every runbook that a name can mean, shipped ones last.
func (a *app) allRunbooks() []listed {
	out := a.list(a.runbookPlaces())
	shipped, _ := fs.Glob(runbooks.FS, "*.yaml")
	for _, f := range shipped {
		out = append(out, listed{strings.TrimSuffix(f, ".yaml"), shippedPrefix + f})
	}
	return out
}

// prepare finds and compiles a runbook, opens the environment and types the
// inputs. Everything that is wrong is found before anything runs.
func (a *app) prepare(ctx context.Context, name string, given map[string]string) (*prepared, error) {
	file, err := a.findRunbook(name)
	if err != nil {
		return nil, err
	}
	w := &prepared{file: file}
	if err := a.makePlan(w); err != nil {
		return nil, err
	}
	if w.env, w.envFile, err = a.openEnvironment(); err != nil {
		return nil, err
	}
	if w.playbooks != nil {
		if err := w.playbooks.bind(w.plan, w.env); err != nil {
			return nil, err
		}
	}
	if err := a.strengthen(w); err != nil {
		return nil, err
	}
	if w.encoded, err = w.plan.Encode(); err != nil {
		return nil, failf(err, "cannot make a plan of %s", file.Path)
	}
	if err := a.suits(w); err != nil {
		return nil, err
	}
	return w, w.takeInputs(given)
}

// makePlan compiles what is to run. A playbook must say where its outputs come
// from by now.
func (a *app) makePlan(w *prepared) (err error) {
	if !w.file.isPlaybook() {
		rules := a.rules()
		rules.Callee = func(name, from string) (*runbook.Runbook, error) {
			d, rb, err := a.calleeOf(name, from)
			if err == nil {
				w.keep(d)
			}
			return rb, err
		}
		p, ds := a.lowerRunbook(w.file, rules)
		if ds.HasErrors() {
			return a.showErrors(w.file, ds)
		}
		w.plan = p
		return nil
	}
	p, playbooks, ds := a.lowerPlaybook(w.file, true)
	if ds.HasErrors() {
		return a.showErrors(w.file, ds)
	}
	w.plan, w.playbooks = p, playbooks
	w.keep(playbooks.files...)
	w.keep(playbooks.bindings...)
	return nil
}

// keep notes files that the plan was made from, each once.
func (w *prepared) keep(files ...*document) {
	for _, d := range files {
		same := func(o *document) bool { return o.Path == d.Path && o.Digest == d.Digest }
		if !same(w.file) && !slices.ContainsFunc(w.others, same) {
			w.others = append(w.others, d)
		}
	}
}

// compile makes a plan of a file, or shows everything that is wrong with it.
func (a *app) compile(file *document) (*plan.Plan, error) {
	p, ds := a.lower(file)
	if ds.HasErrors() {
		return nil, a.showErrors(file, ds)
	}
	return p, nil
}

// lower parses, checks and compiles a file: a runbook, or a playbook of CACAO.
func (a *app) lower(file *document) (*plan.Plan, runbook.Diagnostics) {
	if file.isPlaybook() {
		p, _, ds := a.lowerPlaybook(file, false)
		return p, ds
	}
	return a.lowerRunbook(file, a.rules())
}

func (a *app) lowerRunbook(file *document, rules check.Deps) (*plan.Plan, runbook.Diagnostics) {
	rb, ds := runbook.Parse(file.Path, file.Source)
	if ds.HasErrors() {
		return nil, check.Despite(rb, ds, rules)
	}
	p, more := compile.Runbook(rb, rules)
	return p, append(ds, more...)
}

// showErrors tells what is wrong with a file and ends with its status. It is
// talk: the data is what the command would have written.
func (a *app) showErrors(file *document, ds runbook.Diagnostics) error {
	_ = a.print().Complaints(1, ds, sourceOf(file))
	_ = a.print().Note("Nothing was run.")
	return end(ExitInvalid)
}

// takeInputs types what --input gave.
func (w *prepared) takeInputs(given map[string]string) error {
	values, refs, problems := compile.Inputs(w.plan, given)
	if len(problems) == 0 {
		w.inputs, w.refs, w.given = values, refs, given
		return nil
	}
	p := &problem{exit: ExitInvalid, what: "the inputs of " + w.plan.Runbook + " are not complete or not right" + listProblems(problems)}
	return p.meaning("Nothing was run.").with("give each input as --input NAME=VALUE", "irctl runbook show "+w.file.Name)
}

// suits checks that the environment has the targets and the values that the
// plan names.
func (a *app) suits(w *prepared) error {
	var missing []string
	roles := map[string]bool{}
	for i := range w.plan.Nodes {
		n := &w.plan.Nodes[i]
		for _, use := range []*plan.Use{n.Action, n.Undo, n.Verify} {
			if use == nil || use.Target == "" {
				continue
			}
			if w.env == nil {
				return a.wantsEnvironment(w.plan.Runbook)
			}
			if why := fits(w.env, use.Target, a.actions().Spec, use.Action); why != "" && !roles[why] {
				roles[why] = true
				missing = append(missing, why)
			}
		}
	}
	names, err := compile.EnvNames(w.plan)
	if err != nil {
		return err
	}
	for _, name := range names {
		if w.env == nil {
			return a.wantsEnvironment(w.plan.Runbook)
		}
		if _, ok := w.env.Value(name); !ok {
			missing = append(missing, "it has no value "+name+", which the runbook uses as env."+name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	p := &problem{exit: ExitInvalid, what: "the environment " + w.env.Name() + " does not suit " + w.plan.Runbook + "\n- " + strings.Join(missing, "\n- ")}
	return p.meaning("Nothing was run.").with("irctl target list --env " + a.env)
}

// fits says why a target cannot be used by an action, "" if it can.
func fits(env *environment.Environment, target string, spec func(string) (action.Spec, bool), use string) string {
	t, ok := env.Target(target)
	if !ok {
		return "it names no target " + target
	}
	s, _ := spec(use)
	if _, ok := s.TargetType(t.Type); !ok {
		return "target " + target + " is of type " + t.Type + ", which " + use + " cannot act on"
	}
	return ""
}

func (a *app) wantsEnvironment(name string) error {
	p := &problem{exit: ExitInvalid, what: name + " acts on targets, and no environment says which systems those are"}
	p.means = "Nothing was run."
	for _, l := range a.allEnvironments() {
		p.add("irctl run " + name + " --env " + l.Name)
	}
	return p.with("irctl help environments")
}

// resolveSecrets follows the references of secret inputs.
func (a *app) resolveSecrets(ctx context.Context, env *environment.Environment, refs event.Values) (map[string]action.Secret, error) {
	out := map[string]action.Secret{}
	for name, ref := range refs {
		text, _ := ref.(string)
		secret, err := environment.ResolveRef(ctx, text)
		if err != nil {
			return nil, &problem{exit: ExitInvalid, what: "the secret input " + name + " cannot be read", cause: err}
		}
		out[name] = secret
	}
	return out, nil
}
