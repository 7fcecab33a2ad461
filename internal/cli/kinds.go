package cli

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/check"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/fitting"
	"github.com/irctl/irctl/internal/scenario"
	"github.com/irctl/irctl/pkg/runbook"
)

// fileKind is one kind of file that validate reads. check finds everything
// that is wrong with such a file, does no I/O but to read what the file
// refers to, and may be called from several goroutines.
type fileKind struct {
	name  string // what the header `kind` says, or kindPlaybook
	check func(a *app, d *document, against *surroundings) runbook.Diagnostics
}

// fileKinds is the list of what validate reads. A kind that is not in it is
// read as a runbook, which says what the file is instead.
func fileKinds() []fileKind {
	return []fileKind{
		{kindRunbook, (*app).validateRunbook},
		{kindEnvironment, (*app).validateEnvironment},
		{kindScenario, (*app).validateScenario},
		{kindPolicy, (*app).validatePolicy},
		{kindTest, (*app).validateTests},
		{kindPlaybook, (*app).validatePlaybook},
		{cacao.BindingsKind, (*app).validateBindings},
	}
}

// The kinds of files by which irctl decides.
const (
	kindRunbook     = "runbook"
	kindEnvironment = "environment"
	kindTest        = "test"
	kindScenario    = "scenario"
	kindPolicy      = "policy"
	kindPlaybook    = "playbook" // of CACAO, in JSON
	kindFile        = "file"     // that could not be read, and so may be anything
)

// diagnose finds everything that is wrong with one file of a kind.
func (a *app) diagnose(d *document, kind string, against *surroundings) runbook.Diagnostics {
	kinds := fileKinds()
	for _, k := range kinds {
		if k.name == kind {
			return k.check(a, d, against)
		}
	}
	return kinds[0].check(a, d, against)
}

func (a *app) validateRunbook(d *document, against *surroundings) runbook.Diagnostics {
	rb, ds := runbook.Parse(d.Path, d.Source)
	if ds.HasErrors() {
		return check.Despite(rb, ds, a.rules())
	}
	rules := a.rules()
	if against != nil {
		rules.Roles = against.holders
	}
	ds = append(ds, check.Runbook(rb, rules)...)
	broken := func(d runbook.Diagnostic) bool { return d.Severity == runbook.Error && d.Code != check.RoleNobodyHolds }
	if against != nil && !slices.ContainsFunc(ds, broken) {
		ds = append(ds, fitting.Check(rb, against.world)...)
	}
	return ds
}

func (a *app) validateEnvironment(d *document, _ *surroundings) runbook.Diagnostics {
	_, ds := a.parseEnvironment(d)
	return ds
}

func (a *app) validatePolicy(d *document, _ *surroundings) runbook.Diagnostics {
	_, ds := environment.ParsePolicy(d.File, d.Source)
	return relabel(d, ds)
}

func (a *app) validateScenario(d *document, _ *surroundings) runbook.Diagnostics {
	s, ds := scenario.Parse(d.Path, d.Source)
	if s != nil {
		ds = append(ds, s.Check(a.callee)...)
	}
	return ds
}

var typeMember = regexp.MustCompile(`"type"\s*:\s*"playbook(-template)?"`)

// kindOf is what a file says it is, or kindRunbook if it says irctl's header
// alone; "" if nothing in it says that it is one of irctl's. It looks at the
// text and not at a tree, so that a file with mistakes reaches the reader who
// can explain them.
func kindOf(source []byte) string {
	if first := bytes.TrimLeft(source, " \t\r\n"); len(first) > 0 && first[0] == '{' {
		return kindOfBraces(source)
	}
	top := topLevel(source)
	named, header := top["kind"], top["irctl"] != ""
	switch {
	case slices.Contains([]string{kindRunbook, kindEnvironment, kindTest, kindScenario, kindPolicy, cacao.BindingsKind}, named):
		return named // with or without the header: the reader says if it lacks
	case header:
		return kindRunbook
	case top["name"] != "" && top["steps"] != "":
		return kindRunbook // whose header was forgotten
	}
	return ""
}

// topLevel finds the keys by which kindOf decides, where they begin a line, with
// the word behind each, or a colon if none is on the line. A thousand files are
// looked at in a few milliseconds.
func topLevel(source []byte) map[string]string {
	found := map[string]string{}
	for line := range bytes.Lines(source) {
		if c := line[0]; c == ' ' || c == '#' || c == '-' || c == '\n' {
			continue
		}
		key, value, ok := bytes.Cut(line, []byte{':'})
		if !ok {
			continue
		}
		switch key := string(bytes.Trim(key, " \t\"'")); key {
		case "irctl", "kind", "name", "steps":
			value, _, _ = bytes.Cut(value, []byte(" #"))
			found[key] = string(bytes.Trim(value, " \t\r\n\"'"))
			if found[key] == "" {
				found[key] = ":"
			}
		}
	}
	return found
}

// kindOfBraces is kindOf for a text that begins with a brace: JSON, or YAML
// that looks like it.
func kindOfBraces(source []byte) string {
	if isPlaybook(source) {
		return kindPlaybook
	}
	if !bytes.Contains(source, []byte("irctl")) {
		return ""
	}
	tree, _ := runbook.ParseTree("", source)
	if tree.Get("irctl") == nil {
		return ""
	}
	if kind := tree.Get("kind"); kind != nil {
		return kind.Text
	}
	return kindRunbook
}

// isPlaybook reports whether a JSON text says that it is a playbook of CACAO:
// its own type, not that of something inside. A text that is not JSON is one
// if it says so anywhere, so that its mistake is reported.
func isPlaybook(source []byte) bool {
	if !typeMember.Match(source) {
		return false
	}
	var head struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(source, &head); err != nil {
		return true
	}
	return head.Type == kindPlaybook || head.Type == "playbook-template" // as of version 1
}
