package library

import (
	"encoding/json"
	"slices"

	"github.com/irctl/irctl/internal/plan"
)

// Saved is a plan that was looked at, as a file: what was asked for, what it
// was made of, and what was seen. No secret is in it.
type Saved struct {
	Format      int               `json:"irctl_plan"` // 1
	Runbook     string            `json:"runbook"`
	Environment string            `json:"environment"`
	Inputs      map[string]string `json:"inputs"`
	Part        Part              `json:"part,omitzero"`
	Digests     map[string]string `json:"digests"` // of what it was made of
	Steps       map[string]fields `json:"steps"`   // of the plan, each field as JSON
	Seen        map[string]string `json:"seen"`    // what was found, by step
}

// savedFormat is the format of files that Save writes and OpenSaved reads.
const savedFormat = 1

// Save makes a file of a plan and what was seen.
func (w *Prepared) Save(seen map[string]string) ([]byte, error) {
	s := Saved{savedFormat, w.Asked.Runbook, w.Asked.Environment, w.Asked.Inputs, w.Asked.Part, w.digests(), w.steps(), seen}
	out, err := json.MarshalIndent(s, "", "  ")
	return append(out, '\n'), err
}

// digests are those of the files that the plan was made of, and of itself.
func (w *Prepared) digests() map[string]string {
	out := map[string]string{"the runbook": w.File.Digest, "the plan": plan.Digest(w.Encoded)}
	if w.EnvironmentFile != nil {
		out["the environment"] = w.EnvironmentFile.Digest
	}
	for _, d := range w.Others {
		out[d.Path] = d.Digest
	}
	return out
}

// fields are those of a step.
type fields = map[string]string

// steps are the steps of a plan without where they stand.
func (w *Prepared) steps() map[string]fields {
	out := map[string]fields{}
	for _, n := range w.Plan.Nodes {
		n.ID, n.Line, n.Column, n.Parent, n.Block, n.Next, n.Blocks = 0, 0, 0, 0, 0, 0, nil
		var raw map[string]json.RawMessage
		b, _ := json.Marshal(n) // it was encoded already, as a part of the plan
		_ = json.Unmarshal(b, &raw)
		of := fields{}
		for name, value := range raw {
			of[name] = string(value)
		}
		out["step "+n.Path] = of
	}
	return out
}

// OpenSaved reads a file that Save made. The error is a *FileError.
func (l *Library) OpenSaved(file string) (*Saved, error) {
	d, err := l.readFile(file, l.Abs(file))
	if err != nil {
		return nil, &FileError{Problem: "cannot read the plan " + file, Err: err}
	}
	s := &Saved{}
	if err := json.Unmarshal(d.Source, s); err != nil || s.Format != savedFormat {
		return nil, &FileError{Problem: d.Path + " is no plan that this irctl can run", Hint: "irctl plan RUNBOOK --out FILE writes one."}
	}
	return s, nil
}

// Since says what is different now from what was saved; none if nothing is.
func (s *Saved) Since(w *Prepared, seen map[string]string) []string {
	out := differences(s.Digests, w.digests(), func(string, string) string { return "was changed" })
	both := func(before, now string) string { return "was: " + before + "; is now: " + now }
	for name, of := range w.steps() {
		if before := s.Steps[name]; before != nil { // else it is new, which is said below
			for _, d := range differences(before, of, both) {
				out = append(out, name+": "+d)
			}
		}
	}
	return append(out, differences(s.Seen, seen, both)...)
}

func differences(before, now map[string]string, changed func(before, now string) string) []string {
	var out []string
	for name, was := range before {
		if is, there := now[name]; !there {
			out = append(out, name+" is gone")
		} else if is != was {
			out = append(out, name+" "+changed(was, is))
		}
	}
	for name := range now {
		if _, there := before[name]; !there {
			out = append(out, name+" is new")
		}
	}
	slices.Sort(out)
	return out
}
