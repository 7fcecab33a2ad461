package library

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"slices"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/check"
	"github.com/irctl/irctl/internal/connector"
	"github.com/irctl/irctl/internal/connector/trial"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/fitting"
	"github.com/irctl/irctl/internal/format"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/internal/report"
	"github.com/irctl/irctl/internal/runbooktest"
	"github.com/irctl/irctl/internal/scenario"
	"github.com/irctl/irctl/internal/schema"
	"github.com/irctl/irctl/pkg/runbook"
)

// fileKind is one kind of file that validate reads. check finds everything
// that is wrong with such a file, does no I/O but to read what the file
// refers to, and may be called from several goroutines.
type fileKind struct {
	name  string // what the header `kind` says, or KindPlaybook
	title string // of its schema; "" if it has none
	table func() language.Table
	check func(l *Library, d *Document, against *Surroundings) (found runbook.Diagnostics, held int)
}

// alone is the check of files of which nothing is held back but what is not read.
func alone(check func(l *Library, d *Document, against *Surroundings) runbook.Diagnostics) func(*Library, *Document, *Surroundings) (runbook.Diagnostics, int) {
	return func(l *Library, d *Document, against *Surroundings) (runbook.Diagnostics, int) {
		found := check(l, d, against)
		return found, language.Unread(found)
	}
}

// fileKinds is the list of what irctl reads, in the order of help. A kind that
// is not in it is read as a runbook, which says what the file is instead.
func fileKinds() []fileKind {
	return []fileKind{
		{KindRunbook, "an irctl runbook", language.RunbookTable, (*Library).validateRunbook},
		{KindEnvironment, "an irctl environment", environment.Table, alone((*Library).validateEnvironment)},
		{KindTest, "tests of irctl runbooks", runbooktest.Table, alone((*Library).validateTests)},
		{KindScenario, "an irctl scenario", scenario.Table, alone((*Library).validateScenario)},
		{KindPolicy, "a machine's irctl policy", environment.PolicyTable, alone((*Library).validatePolicy)},
		{KindConnector, "an irctl connector", connector.Table, alone((*Library).validateConnector)},
		{trial.Kind, "cases of an irctl connector", trial.Table, alone((*Library).validateTrial)},
		{cacao.BindingsKind, "the bindings of a CACAO playbook", cacao.BindingsTable, alone((*Library).validateBindings)},
		{KindRedaction, "what a report of irctl leaves out", report.Table, alone((*Library).validateRedaction)},
		{KindPlaybook, "", nil, alone((*Library).validatePlaybook)},
	}
}

// The kinds of files by which irctl decides.
const (
	KindRunbook     = "runbook"
	KindEnvironment = "environment"
	KindTest        = "test"
	KindScenario    = "scenario"
	KindPolicy      = "policy"
	KindConnector   = "connector"
	KindRedaction   = "redaction"
	KindPlaybook    = "playbook" // of CACAO, in JSON
	KindFile        = "file"     // that could not be read, and so may be anything
)

// Schemas describes the kinds of files that are written by hand, for schemas.
func Schemas() []schema.File {
	var out []schema.File
	for _, k := range fileKinds() {
		if k.title != "" {
			out = append(out, schema.File{Kind: k.name, Title: k.title, Table: k.table()})
		}
	}
	return out
}

// Format returns a file as it is best written.
func Format(d *Document) ([]byte, error) {
	switch kind := KindOf(d.Source); {
	case d.Shipped():
		return nil, errors.New("it is built into irctl")
	case kind == KindPlaybook:
		return nil, errors.New("it is JSON, and fmt writes YAML")
	case kind == "":
		return nil, errors.New("it is no file of irctl and has no `irctl: v1`")
	}
	kinds := each.Of(Schemas(), func(f schema.File) format.Kind { return format.Kind{Name: f.Kind, Table: f.Table} })
	return format.Source(d.Path, d.Source, kinds)
}

// Diagnose finds everything that is wrong with one file, by itself or in its
// surroundings, and says how many checks could not be made because of that.
func (l *Library) Diagnose(d *Document, kind string, against *Surroundings) (found runbook.Diagnostics, held int) {
	kinds := fileKinds()
	for _, k := range kinds {
		if k.name == kind {
			return k.check(l, d, against)
		}
	}
	return kinds[0].check(l, d, against)
}

func (l *Library) validateRunbook(d *Document, against *Surroundings) (runbook.Diagnostics, int) {
	rb, ds := language.Parse(d.Path, d.Source)
	if rb == nil {
		return ds, language.Unread(ds)
	}
	rules := l.rules()
	if against != nil {
		rules.Roles = against.holders
	}
	found := check.Runbook(rb, rules)
	if against != nil {
		found = append(found, fitting.Check(rb, against.world)...)
	}
	return check.Despite(rb, ds, found)
}

func (l *Library) validateEnvironment(d *Document, _ *Surroundings) runbook.Diagnostics {
	_, ds := l.ParseEnvironment(d)
	return ds
}

func (l *Library) validatePolicy(d *Document, _ *Surroundings) runbook.Diagnostics {
	_, ds := environment.ParsePolicy(d.File, d.Source)
	return d.relabel(ds)
}

func (l *Library) validateScenario(d *Document, _ *Surroundings) runbook.Diagnostics {
	s, ds := scenario.Parse(d.Path, d.Source)
	if s != nil {
		ds = append(ds, s.Check(l.Callee)...)
	}
	return ds
}

func (l *Library) validateRedaction(d *Document, _ *Surroundings) runbook.Diagnostics {
	_, ds := report.ParseRules(d.Path, d.Source)
	return ds
}

func (l *Library) validateConnector(d *Document, _ *Surroundings) runbook.Diagnostics {
	f, ds := connector.Parse(d.Path, d.Source)
	if f != nil {
		ds = append(ds, f.Check(l.Actions.Spec, l.Actions.Names())...)
	}
	return ds
}

func (l *Library) validateTrial(d *Document, _ *Surroundings) runbook.Diagnostics {
	_, ds := trial.Parse(d.Path, d.Source)
	return ds
}

var typeMember = pattern.Late(`"type"\s*:\s*"playbook(-template)?"`)

// KindOf is what a file says it is, or KindRunbook if it says irctl's header
// alone; "" if nothing in it says that it is one of irctl's. It looks at the
// text and not at a tree, so that a file with mistakes reaches the reader who
// can explain them.
func KindOf(source []byte) string {
	if first := bytes.TrimLeft(source, " \t\r\n"); len(first) > 0 && first[0] == '{' {
		return kindOfBraces(source)
	}
	top := topLevel(source)
	named, header := top["kind"], top["irctl"] != ""
	switch {
	case slices.Contains([]string{KindRunbook, KindEnvironment, KindTest, KindScenario, KindPolicy, KindConnector, KindRedaction, trial.Kind, cacao.BindingsKind}, named):
		return named // with or without the header: the reader says if it lacks
	case header:
		return KindRunbook
	case top["name"] != "" && top["steps"] != "":
		return KindRunbook // whose header was forgotten
	}
	return ""
}

// topLevel finds the keys by which KindOf decides, where they begin a line, with
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
			found[key] = cmp.Or(found[key], ":")
		}
	}
	return found
}

// kindOfBraces is KindOf for a text that begins with a brace: JSON, or YAML
// that looks like it.
func kindOfBraces(source []byte) string {
	if isPlaybook(source) {
		return KindPlaybook
	}
	if !bytes.Contains(source, []byte("irctl")) {
		return ""
	}
	tree, _ := language.ParseTree("", source)
	if tree.Get("irctl") == nil {
		return ""
	}
	if kind := tree.Get("kind"); kind != nil {
		return kind.Text
	}
	return KindRunbook
}

// isPlaybook reports whether a JSON text says that it is a playbook of CACAO:
// its own type, not that of something inside. A text that is not JSON is one
// if it says so anywhere, so that its mistake is reported.
func isPlaybook(source []byte) bool {
	if !typeMember().Match(source) {
		return false
	}
	var head struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(source, &head); err != nil {
		return true
	}
	return head.Type == KindPlaybook || head.Type == "playbook-template" // as of version 1
}
