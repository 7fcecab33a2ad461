package library

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/cacao/convert"
	"github.com/irctl/irctl/internal/check"
	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/fitting"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// IsPlaybook reports whether a document is to be read as a playbook of CACAO.
func (d *Document) IsPlaybook() bool {
	return isPlaybook(d.Source) || strings.EqualFold(filepath.Ext(d.Path), ".json")
}

// playbooks are those that one plan is made of: the one that was asked for,
// then those that it calls.
type playbooks struct {
	l        *Library
	files    []*Document
	all      []*cacao.Playbook
	bindings []*Document
}

// lowerPlaybook parses and checks a playbook and makes a plan of it.
func (l *Library) lowerPlaybook(d *Document) (*plan.Plan, *playbooks, runbook.Diagnostics) {
	p := &playbooks{l: l}
	one := p.read(d)
	if one.Playbook == nil || one.Found.HasErrors() {
		return nil, p, one.Found
	}
	made := convert.Translate(one.Playbook, one.Bindings, convert.Deps{Spec: l.Actions.Spec, Callee: p.callee})
	found := append(one.Found, made.Found...)
	if made.Runbook == nil {
		return nil, p, found
	}
	rules := l.rules()
	rules.Callee = made.Callee
	out, more := compile.Runbook(made.Runbook, rules)
	for _, d := range more {
		if d.Code != check.UnusedInput.ID { // it may be there for other tools
			found = append(found, d)
		}
	}
	return out, p, append(found, l.refusedCommands(made.Runbooks())...)
}

// read reads a playbook with its bindings and keeps it.
func (p *playbooks) read(d *Document) convert.Callee {
	pb, found := cacao.Parse(d.Path, d.Source)
	out := convert.Callee{Playbook: pb, Found: found}
	if pb == nil {
		return out
	}
	if !slices.ContainsFunc(p.files, func(o *Document) bool { return o.Path == d.Path }) {
		p.files, p.all = append(p.files, d), append(p.all, pb)
	}
	path := cacao.BindingsFile(d.File)
	source, err := p.l.Bytes(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		out.Found = append(out.Found, CannotRead(p.l.Short(path), Reason(err)))
	default:
		p.bindings = append(p.bindings, NewDocument("", p.l.Short(path), source))
		bindings, more := cacao.ParseBindings(p.l.Short(path), source)
		out.Bindings, out.Found = bindings, append(out.Found, more...)
	}
	return out
}

// callee finds the playbook with an id: beside the one that calls it, then
// where runbooks are found by name. Of several versions it is the one that was
// asked for, or else the newest.
func (p *playbooks) callee(id, version, from string) (convert.Callee, error) {
	var best *Document
	var newest time.Time
	var others []string
	for _, d := range p.l.playbooksNear(p.l.Abs(from)) {
		pb, _ := cacao.Parse(d.Path, d.Source)
		if pb == nil || pb.ID.Value != id {
			continue
		}
		others = append(others, cmp.Or(pb.Modified.Value, "unknown"))
		switch {
		case version != "" && pb.Modified.Value != version:
		case best != nil && pb.Modified.At.Equal(newest) && d.Digest != best.Digest:
			return convert.Callee{}, fmt.Errorf("two different playbooks are the same version of %s: %s and %s", id, best.Path, d.Path)
		case best == nil || pb.Modified.At.After(newest):
			best, newest = d, pb.Modified.At
		}
	}
	switch {
	case best != nil:
		return p.read(best), nil
	case len(others) > 0:
		return convert.Callee{}, fmt.Errorf("there is no version %s of the playbook %s, only %s", version, id, strings.Join(others, ", "))
	}
	return convert.Callee{}, fmt.Errorf("there is no playbook %s beside this one, or where runbooks are found by name", id)
}

// playbooksNear lists the playbooks that a step may call: those in the folder
// of the playbook that it stands in, and in the places of runbooks.
func (l *Library) playbooksNear(from string) []*Document {
	folders := append([]string{filepath.Dir(from)}, l.runbookPlaces().folders...)
	var out []*Document
	seen := map[string]bool{}
	for _, folder := range folders {
		for _, path := range filesIn(folder, ".json") {
			if seen[path] {
				continue
			}
			seen[path] = true
			if d, err := l.readFile(path, path); err == nil && isPlaybook(d.Source) {
				out = append(out, d)
			}
		}
	}
	return out
}

// validatePlaybook finds everything that is wrong with a playbook: with its
// file, its bindings, and what it asks of an environment.
func (l *Library) validatePlaybook(d *Document, against *Surroundings) runbook.Diagnostics {
	_, p, ds := l.lowerPlaybook(d)
	ds = slices.DeleteFunc(ds, func(one runbook.Diagnostic) bool { return p.isOther(d, one.Span.File) })
	if len(p.all) == 0 {
		return ds
	}
	var seen signed
	seen.look(d.Path, p.all[0], nil, l.Now().UTC())
	for _, why := range seen.warned {
		ds = append(ds, brokenSignature.At(p.all[0].Tree.Get("signatures").Span, strings.TrimPrefix(why, d.Path+": "), "have whoever signed it sign this version; irctl run says the same"))
	}
	for _, why := range cacao.Gates(p.all[0], l.Now().UTC()) {
		ds = append(ds, mustNotRun.At(p.all[0].ID.Span, why, "irctl run refuses it, unless --override says why it has to run"))
	}
	if against != nil && !ds.HasErrors() {
		env := against.env
		ds = append(ds, p.all[0].Fits(env.Name(), l.Actions.Spec, func(one cacao.Acting) string { return l.unfit(env, one) })...)
	}
	return ds
}

var brokenSignature = playbookCodes.Warning("IR0791", "signature that does not count",
	"A signature of the playbook does not fit it, has been revoked, or is not in time. Where the environment does not ask for signatures the playbook runs all the same, so that it is said before.")

var mustNotRun = playbookCodes.Warning("IR0792", "playbook that must not run now",
	"Its maker has revoked the playbook, or the time lies outside of valid_from and valid_until. irctl run refuses it, unless a person overrides that with a reason.")

// isOther reports whether a file is that of a called playbook, which is
// checked by itself.
func (p *playbooks) isOther(d *Document, file string) bool {
	return slices.ContainsFunc(p.files, func(o *Document) bool {
		return o.Path != d.Path && (file == o.Path || file == cacao.BindingsFile(o.Path))
	})
}

// validateBindings finds what is wrong with a binding file by itself; whether
// it suits its playbook is found with the playbook.
func (l *Library) validateBindings(d *Document, _ *Surroundings) runbook.Diagnostics {
	_, ds := cacao.ParseBindings(d.Path, d.Source)
	return ds
}

// unfit says why an agent or target cannot be acted on in an environment, ""
// if it can.
func (l *Library) unfit(env *environment.Environment, one cacao.Acting) string {
	why := fitting.World{Environment: env, Action: l.Actions.Lookup, Elsewhere: true}.Target(boundName(env, one), one.Action)
	switch {
	case len(why) == 0:
		return ""
	case why[0].Code != fitting.NoTarget:
		return why[0].What
	}
	return fmt.Sprintf("the environment %s says nothing about %s (%s)", env.Name(), action.CleanLine(one.ID.Value, 100), action.CleanLine(one.Name, 100))
}

// boundName is what an environment knows an agent or target by: its id, or
// else the name that the playbook gives it.
func boundName(env *environment.Environment, one cacao.Acting) string {
	if _, ok := env.Target(one.ID.Value); ok {
		return one.ID.Value
	}
	if _, ok := env.Target(one.Name); ok && one.Name != "" {
		return one.Name
	}
	return one.ID.Value
}

// bind gives the plan of playbooks the names by which the environment knows
// their agents and targets, or says which it lacks, all at once.
func (p *playbooks) bind(w *Prepared) error {
	out, env := w.Plan, w.Environment
	names := map[string]string{}
	var missing, lines []string
	for _, pb := range p.all {
		for _, one := range pb.Acting(p.l.Actions.Spec) {
			if env == nil {
				return p.l.wantsEnvironment(w)
			}
			names[one.ID.Value] = boundName(env, one)
			if why := p.l.unfit(env, one); why != "" && !slices.Contains(missing, why) {
				missing = append(missing, why)
				lines = append(lines, fmt.Sprintf("%s: TARGET    # %s", action.CleanLine(one.ID.Value, 100), action.CleanLine(one.Name, 100)))
			}
		}
	}
	if len(missing) > 0 {
		slices.Sort(lines)
		return w.unsuitable(missing, slices.Compact(lines)...)
	}
	for i := range out.Nodes {
		if use := out.Nodes[i].Action; use != nil {
			use.Target = cmp.Or(names[use.Target], use.Target)
		}
	}
	return nil
}

// gates says why the playbooks must not run now.
func (p *playbooks) gates() []string {
	var out []string
	for i, pb := range p.all {
		for _, why := range cacao.Gates(pb, p.l.Now().UTC()) {
			out = append(out, fmt.Sprintf("%s: %s", p.files[i].Path, why))
		}
	}
	return out
}

// Gate looks for reasons why a playbook must not run now, unless a person
// overrides them, which a signature that the machine's policy demands is beyond. Without such a person the error is *Unready. What it returns
// besides is what is wrong with signatures that nobody asks for; for a look
// that runs nothing, the reasons are among that. A runbook has no gates.
func (l *Library) Gate(w *Prepared, override string, look bool) (warnings []string, err error) {
	if w.playbooks == nil {
		return nil, nil
	}
	seen, err := w.playbooks.signatures(w.Environment)
	if err != nil {
		return nil, &Unready{Run: w, Reason: Unverified, Problem: "nobody can tell who has signed " + w.File.Path, Err: err}
	}
	w.Signatures = append(w.Signatures, seen.good...)
	why := append(w.playbooks.gates(), seen.refused...)
	switch {
	case len(why) == 0:
	case look:
		for _, one := range why {
			seen.warned = append(seen.warned, one+"; irctl run refuses it")
		}
	case seen.demanded && len(seen.refused) > 0 && override != "":
		err = &Unready{Run: w, Reason: Unverified, Problem: "this machine's policy demands that playbooks are signed, which --override does not change: have it signed by somebody whom the policy trusts", Reasons: seen.refused}
	case strings.TrimSpace(override) == "":
		err = &Unready{Run: w, Reason: Held, Problem: w.Plan.Runbook + " must not run now", Reasons: why}
	default:
		w.Override, w.Overrode = action.CleanLine(override, 500), why
	}
	return seen.warned, err
}

// Title is the title that a runbook, or a playbook, gives itself.
func (d *Document) Title() string {
	if d.IsPlaybook() {
		if pb, _ := cacao.Parse(d.Path, d.Source); pb != nil {
			return pb.Name.Value
		}
		return ""
	}
	if rb, _ := language.Parse(d.Path, d.Source); rb != nil {
		return rb.Title.Value
	}
	return ""
}
