package library

import (
	"bytes"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/runbook"
)

// Inputs are what was given for the inputs of a run, as texts.
type Inputs struct {
	Values   map[string]string
	Repeated []string // names that were given several times, each time a part of a list or a map
}

// Inputs reads the file of inputs, if one is named ("-" is the stream), and
// then names with texts, which win over the file. The text @FILE stands for
// what the file holds, @@TEXT for a text that begins with @. The error is
// *FileError or *Invalid.
func (l *Library) Inputs(file string, in Stream, given [][2]string) (Inputs, error) {
	out := Inputs{Values: map[string]string{}}
	if file != "" {
		if err := l.inputsFile(file, in, out.Values); err != nil {
			return out, err
		}
	}
	seen := map[string]bool{}
	for _, g := range given {
		name, text := g[0], g[1]
		if path, is := strings.CutPrefix(text, "@"); is && strings.HasPrefix(path, "@") {
			text = path
		} else if is {
			source, err := l.Bytes(l.Abs(path))
			if err != nil {
				return out, &FileError{Problem: "cannot read " + path + ", which " + name + "=@" + path + " means", Hint: "A text that itself begins with @ is written as @@.", Err: Reason(err)}
			}
			text = strings.TrimSuffix(strings.TrimSuffix(string(source), "\n"), "\r")
		}
		if seen[name] {
			out.Repeated = append(out.Repeated, name)
			text = out.Values[name] + "," + text
		}
		seen[name], out.Values[name] = true, text
	}
	return out, nil
}

// Plain is a text as it is given to mean itself.
func Plain(text string) string {
	if strings.HasPrefix(text, "@") {
		return "@" + text
	}
	return text
}

// inputsFile adds what a file says. A key without a value gives nothing.
func (l *Library) inputsFile(file string, in Stream, values map[string]string) error {
	d := &Document{}
	var err error
	if file == "-" {
		var source []byte
		source, err = readBounded(in.Read, 0)
		d = NewDocument(in.Name, in.Name, source)
	} else {
		d, err = l.Read("", file)
	}
	if err != nil {
		return &FileError{Problem: "cannot read the inputs " + file, Err: Reason(err)}
	}
	tree, found := language.ParseTree(d.Path, d.Source)
	if len(bytes.TrimSpace(d.Source)) == 0 || tree != nil && tree.Kind != runbook.MapValue {
		return &FileError{Problem: "the inputs " + d.Path + " are no mapping", Hint: "Write `name: value` lines, or a JSON object."}
	}
	for i := range found {
		if c := found[i].Code; c == language.TooMany.ID || c == language.FileTooLarge.ID { // whose help is for runbooks
			found[i].Detail = "give fewer values, or smaller ones"
		}
	}
	if found.HasErrors() {
		return &Invalid{d, found}
	}
	for _, p := range tree.Pairs {
		switch p.Value.Kind {
		case runbook.Null:
		case runbook.ListValue, runbook.MapValue:
			text, err := data.Encode(p.Value.Data())
			if err != nil {
				return &FileError{Problem: "the input " + p.Key.Value + " of " + d.Path + " cannot be read", Err: err}
			}
			values[p.Key.Value] = string(text)
		default:
			values[p.Key.Value] = p.Value.Text
		}
	}
	return nil
}

// Unanswered are the inputs whose texts are missing or wrong, for somebody who
// can be asked.
func (e *Unready) Unanswered() []plan.Field {
	return slices.DeleteFunc(slices.Clone(e.Run.Plan.Inputs), func(f plan.Field) bool { return !slices.Contains(e.Inputs, f.Name) })
}
