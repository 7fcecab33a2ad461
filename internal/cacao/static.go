package cacao

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/cacao/reference"
	"github.com/irctl/irctl/pkg/runbook"
)

// shells are the types of commands that are texts for a shell.
var shells = []string{"bash", "ssh", "powershell"}

// maxFilled is how many bytes the texts of a plan's commands may hold after
// static variables were filled in.
const maxFilled = 4 << 20

// filled returns the texts of a command for a shell with the values of static
// variables in the place of their references; command and b64 are nil where
// the command has none.
//
// A variable is static if nothing can ever change it: it is not external, no
// step has it among its out_args, and no caller hands it over. Its value is the
// author's own text, the same in every run, and the standard wants that text in
// the command: it may be a program, several words, or a part of a word. What
// can change stays a reference, which the action takes as data.
func (f *frame) filled(w *wrapped, cmd *Command) (command, b64 *runbook.Value) {
	command, b64 = cmd.Command, cmd.CommandB64
	if !slices.Contains(shells, cmd.Type.Value) {
		return command, b64
	}
	if command != nil {
		if text := f.fill(command.Text, w.scope); text != command.Text {
			command = with(command, text)
		}
	}
	if raw, ok := decoded(b64); ok {
		if text := f.fill(raw, w.scope); text != raw {
			b64 = with(b64, base64.StdEncoding.EncodeToString([]byte(text)))
		}
	}
	for _, v := range []*runbook.Value{command, b64} {
		if v != nil {
			f.bytes += len(v.Text)
		}
	}
	if f.bytes > maxFilled && !f.full {
		f.full = true
		f.add(runbook.Error, TooManySteps, cmd.Span, "let commands read long texts from files", "the commands of the plan are longer than %d MiB together", maxFilled>>20)
	}
	return command, b64
}

// with is a text value with another text.
func with(v *runbook.Value, text string) *runbook.Value {
	out := *v
	out.Text = text
	return &out
}

// fill puts the values of static variables into a text. If a value together
// with what stands around it would read as another reference, the text stays
// as it is.
func (f *frame) fill(text string, in *scope) string {
	var out strings.Builder
	var rest []string
	at := 0
	for _, p := range reference.Find(text, in.has) {
		value, ok := f.static(p.Name, in)
		if !ok {
			rest = append(rest, p.Name)
			continue
		}
		out.WriteString(text[at:p.Start])
		out.WriteString(value)
		at = p.End
		if out.Len() > maxFilled {
			break
		}
	}
	out.WriteString(text[at:])
	var left []string
	for _, p := range reference.Find(out.String(), in.has) {
		left = append(left, p.Name)
	}
	if out.Len() <= maxFilled && !slices.Equal(rest, left) {
		return text
	}
	return out.String()
}

// static returns the value of a variable that nothing changes.
func (f *frame) static(name string, in *scope) (string, bool) {
	v, where := in.lookup(name)
	if v == nil || v.External || v.Value == nil || v.Value.Kind != runbook.StringValue || f.written[name] || where == f.top && f.passed[name] {
		return "", false
	}
	return v.Value.Text, true
}

// written are the names of all variables that steps write.
func (pb *Playbook) written() map[string]bool {
	out := map[string]bool{}
	for _, s := range pb.Steps {
		for _, name := range s.Out {
			out[name.Value] = true
		}
	}
	return out
}
