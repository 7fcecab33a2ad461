package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// isPlaybook reports whether a document is to be read as a playbook of CACAO.
func (d *document) isPlaybook() bool {
	return isPlaybook(d.Source) || strings.EqualFold(filepath.Ext(d.Path), ".json")
}

// playbooks are those that one plan is made of: the one that was asked for,
// then those that it calls.
type playbooks struct {
	a        *app
	files    []*document
	all      []*cacao.Playbook
	bindings []*document
}

// lowerPlaybook parses and checks a playbook and makes a plan of it. Strict is
// for a plan that is to run.
func (a *app) lowerPlaybook(d *document, strict bool) (*plan.Plan, *playbooks, runbook.Diagnostics) {
	p := &playbooks{a: a}
	one := p.read(d)
	if one.Playbook == nil || one.Found.HasErrors() {
		return nil, p, one.Found
	}
	refused := &refusedCommands{actions: a.actions(), strict: strict, seen: map[*cacao.Command]bool{}}
	out, more := cacao.Lower(one.Playbook, one.Bindings, cacao.Deps{Spec: a.actions().Spec, Callee: p.callee, Command: refused.look, Strict: strict})
	return out, p, append(append(one.Found, more...), refused.found.Diagnostics()...)
}

// read reads a playbook with its bindings and keeps it.
func (p *playbooks) read(d *document) cacao.Callee {
	pb, found := cacao.Parse(d.Path, d.Source)
	out := cacao.Callee{Playbook: pb, Found: found}
	if pb == nil {
		return out
	}
	if !slices.ContainsFunc(p.files, func(o *document) bool { return o.Path == d.Path }) {
		p.files, p.all = append(p.files, d), append(p.all, pb)
	}
	path := cacao.BindingsFile(d.File)
	source, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		out.Found = append(out.Found, cannotRead(candidate{name: p.a.short(path)}, reason(err)))
	default:
		p.bindings = append(p.bindings, newDocument("", p.a.short(path), source))
		bindings, more := cacao.ParseBindings(p.a.short(path), source)
		out.Bindings, out.Found = bindings, append(out.Found, more...)
	}
	return out
}

// callee finds the playbook with an id: beside the one that calls it, then
// where runbooks are found by name. Of several versions it is the one that was
// asked for, or else the newest.
func (p *playbooks) callee(id, version, from string) (cacao.Callee, error) {
	var best *document
	var newest time.Time
	var others []string
	for _, d := range p.a.playbooksNear(p.a.abs(from)) {
		pb, _ := cacao.Parse(d.Path, d.Source)
		if pb == nil || pb.ID.Value != id {
			continue
		}
		others = append(others, cmp.Or(pb.Modified.Value, "unknown"))
		switch {
		case version != "" && pb.Modified.Value != version:
		case best != nil && pb.Modified.At.Equal(newest) && d.Digest != best.Digest:
			return cacao.Callee{}, fmt.Errorf("two different playbooks are the same version of %s: %s and %s", id, best.Path, d.Path)
		case best == nil || pb.Modified.At.After(newest):
			best, newest = d, pb.Modified.At
		}
	}
	switch {
	case best != nil:
		return p.read(best), nil
	case len(others) > 0:
		return cacao.Callee{}, fmt.Errorf("there is no version %s of the playbook %s, only %s", version, id, strings.Join(others, ", "))
	}
	return cacao.Callee{}, fmt.Errorf("there is no playbook %s beside this one, or where runbooks are found by name", id)
}

// playbooksNear lists the playbooks that a step may call: those in the folder
// of the playbook that it stands in, and in the places of runbooks.
func (a *app) playbooksNear(from string) []*document {
	folders := []string{filepath.Dir(from)}
	for _, p := range a.runbookPlaces().places {
		folders = append(folders, p.dir)
	}
	var out []*document
	seen := map[string]bool{}
	for _, folder := range folders {
		names, _ := filepath.Glob(filepath.Join(folder, "*.json"))
		for _, path := range names {
			if seen[path] {
				continue
			}
			seen[path] = true
			if d, err := a.readDocument("file", path, path); err == nil && isPlaybook(d.Source) {
				out = append(out, d)
			}
		}
	}
	return out
}

// validatePlaybook finds everything that is wrong with a playbook: with its
// file, its bindings, and what it asks of an environment.
func (a *app) validatePlaybook(d *document, against *surroundings) runbook.Diagnostics {
	_, p, ds := a.lowerPlaybook(d, false)
	ds = slices.DeleteFunc(ds, func(one runbook.Diagnostic) bool { return p.isOther(d, one.Span.File) })
	if against != nil && len(p.all) > 0 && !ds.HasErrors() {
		env := against.env
		ds = append(ds, p.all[0].Fits(env.Name(), a.actions().Spec, func(one cacao.Acting) string { return a.unfit(env, one) })...)
	}
	return ds
}

// isOther reports whether a file is that of a called playbook, which is
// checked by itself.
func (p *playbooks) isOther(d *document, file string) bool {
	for _, o := range p.files {
		if o.Path != d.Path && (file == o.Path || file == cacao.BindingsFile(o.Path)) {
			return true
		}
	}
	return false
}

// validateBindings finds what is wrong with a binding file by itself; whether
// it suits its playbook is found with the playbook.
func (a *app) validateBindings(d *document, _ *surroundings) runbook.Diagnostics {
	_, ds := cacao.ParseBindings(d.Path, d.Source)
	return ds
}

// unfit says why an agent or target cannot be acted on in an environment, ""
// if it can.
func (a *app) unfit(env *environment.Environment, one cacao.Acting) string {
	if why := fits(env, boundName(env, one), a.actions().Spec, one.Action); why == "" {
		return ""
	} else if _, ok := env.Target(boundName(env, one)); ok {
		return why
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
func (p *playbooks) bind(out *plan.Plan, env *environment.Environment) error {
	names := map[string]string{}
	var missing, lines []string
	for _, pb := range p.all {
		for _, one := range pb.Acting(p.a.actions().Spec) {
			if env == nil {
				return p.a.wantsEnvironment(out.Runbook)
			}
			names[one.ID.Value] = boundName(env, one)
			if why := p.a.unfit(env, one); why != "" && !slices.Contains(missing, why) {
				missing = append(missing, why)
				lines = append(lines, fmt.Sprintf("\n    %s: TARGET    # %s", action.CleanLine(one.ID.Value, 100), action.CleanLine(one.Name, 100)))
			}
		}
	}
	if len(missing) > 0 {
		slices.Sort(lines)
		bad := &problem{exit: ExitInvalid, what: "the environment " + env.Name() + " does not suit " + out.Runbook + "\n- " + strings.Join(missing, "\n- ")}
		return bad.meaning("Nothing was run. Say in the environment which targets they are:\n\nplaybooks:\n  bind:%s", strings.Join(slices.Compact(lines), "")).
			with("irctl target list --env " + p.a.env)
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
		for _, why := range cacao.Gates(pb, p.a.utc()) {
			out = append(out, fmt.Sprintf("%s: %s", p.files[i].Path, why))
		}
	}
	return out
}

// pass refuses a playbook that must not run, unless a person overrides that
// with a reason. A plan is made of it all the same.
func (a *app) pass(w *prepared, asked running) error {
	if w.playbooks == nil {
		if asked.override != "" {
			return usagef("--override is for playbooks; nothing holds this runbook back")
		}
		return nil
	}
	seen, err := w.playbooks.signatures(w.env)
	if err != nil {
		p := failf(err, "nobody can tell who has signed %s", w.file.Path)
		p.exit = ExitInvalid
		return p.meaning("Nothing was run.").with("irctl environment show " + a.env)
	}
	w.signed = seen.good
	for _, one := range seen.warned {
		_ = a.print().Warning(one)
	}
	why := append(w.playbooks.gates(), seen.refused...)
	switch {
	case len(why) == 0:
	case asked.dryRun:
		for _, one := range why {
			_ = a.print().Warning(one + "; irctl run refuses it")
		}
	case strings.TrimSpace(asked.override) == "":
		p := &problem{exit: ExitInvalid, what: w.plan.Runbook + " must not run now\n- " + strings.Join(why, "\n- ")}
		p.means = "Nothing was run. Whoever answers for it can override that; the reason is journaled."
		return p.with(a.runCommand(w) + " --override REASON")
	default:
		w.override, w.overrode = action.CleanLine(asked.override, 500), why
	}
	return nil
}
