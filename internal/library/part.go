package library

import (
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/event"
)

// Part is the part of a runbook that is to run; the zero value is all of it.
type Part struct {
	From     string   `json:"from,omitempty"`      // this step and all that follow
	Only     []string `json:"only,omitempty"`      // these steps
	Tags     []string `json:"tags,omitempty"`      // the steps with one of these tags
	SkipTags []string `json:"skip_tags,omitempty"` // all but the steps with one of these tags
	Step     bool     `json:"step,omitempty"`      // ask before each step that acts
}

// Whole reports whether nothing is left out.
func (p Part) Whole() bool {
	return p.From == "" && len(p.Only) == 0 && len(p.Tags) == 0 && len(p.SkipTags) == 0
}

// String is the part as the flags that ask for it.
func (p Part) String() string { return strings.Join(p.Flags(), " ") }

// Flags are the words of a command line that ask for the part.
func (p Part) Flags() []string {
	var out []string
	for _, f := range []struct {
		name  string
		words []string
	}{{"--from", []string{p.From}}, {"--only", p.Only}, {"--tags", p.Tags}, {"--skip-tags", p.SkipTags}} {
		if text := strings.Join(f.words, ","); text != "" {
			out = append(out, f.name, text)
		}
	}
	if p.Step {
		out = append(out, "--step")
	}
	return out
}

// leaveOut marks what of the plan does not run. Who is asked to agree stays in:
// nobody gets around a question by leaving it out. So does what cleans up after a
// step that runs. A step that stays and needs
// what one that was left out gives is an *Unready.
func (l *Library) leaveOut(w *Prepared) error {
	part, p := w.Asked.Part, w.Plan
	part.Step = false
	if part.Whole() {
		return nil
	}
	refuse := func(reasons ...string) error {
		return &Unready{Run: w, Reason: BadPart, Problem: "this part of " + p.Runbook + " cannot run by itself", Reasons: reasons}
	}
	if wrong := part.unknown(p); len(wrong) > 0 {
		return refuse(wrong...)
	}
	named, asked := make([]bool, len(p.Nodes)), make([]bool, len(p.Nodes)) // with all inside
	first := slices.IndexFunc(p.Nodes, func(n plan.Node) bool { return n.Path == part.From })
	for i, n := range p.Nodes { // a block stands before what is in it
		tagged := func(tags []string) bool {
			return slices.ContainsFunc(n.Tags, func(tag string) bool { return slices.Contains(tags, tag) })
		}
		inside := n.Parent != plan.None && asked[n.Parent]
		asked[i] = inside || slices.Contains(part.Only, n.Path) || tagged(part.Tags) || len(part.Only)+len(part.Tags) == 0
		named[i] = asked[i] && i >= first
	}
	wanted := slices.Clone(named)
	stays := slices.Clone(named)
	for i := len(p.Nodes) - 1; i >= 0; i-- {
		n := p.Nodes[i]
		stays[i] = stays[i] || n.Kind == plan.Approve
		if stays[i] && named[i] && n.Parent != plan.None {
			stays[n.Parent], named[n.Parent] = true, true
		}
	}
	cleans := make([]bool, len(p.Nodes))
	for i := range p.Nodes {
		n := &p.Nodes[i]
		if n.Parent != plan.None {
			always, has := p.Nodes[n.Parent].Always()
			cleans[i] = cleans[n.Parent] || has && always == n.Block && named[n.Parent]
		}
		out := !stays[i] && !cleans[i] || slices.ContainsFunc(n.Tags, func(tag string) bool { return slices.Contains(part.SkipTags, tag) }) && n.Kind != plan.Approve
		if out || n.Parent != plan.None && p.Nodes[n.Parent].LeftOut != "" {
			n.LeftOut = "left out by " + part.String()
			w.LeftOut = append(w.LeftOut, n.Path)
		}
	}
	if !slices.ContainsFunc(p.Nodes, func(n plan.Node) bool { return wanted[n.ID] && n.LeftOut == "" && len(n.Blocks) == 0 }) {
		return refuse("nothing is left of it")
	}
	if lacks := lacking(p); len(lacks) > 0 {
		return refuse(lacks...)
	}
	return nil
}

// askEach puts a question before each action that nobody is asked about yet.
func (w *Prepared) askEach() {
	for i := range w.Plan.Nodes {
		if n := &w.Plan.Nodes[i]; w.Asked.Part.Step && n.Kind == plan.Action && n.Approval == nil && n.LeftOut == "" {
			n.Approval = &plan.Approval{Text: plan.Of("Begin this step?"), Roles: []string{}, Need: 1}
		}
	}
}

// unknown says which steps and tags of the part the plan does not have.
func (p Part) unknown(of *plan.Plan) []string {
	var paths, tags, out []string
	for _, n := range of.Nodes {
		paths, tags = append(paths, n.Path), append(tags, n.Tags...)
	}
	look := func(what string, names, known []string) {
		for _, name := range names {
			if name == "" || slices.Contains(known, name) {
				continue
			}
			near := suggest.Near(name, known)
			if i := slices.IndexFunc(known, func(path string) bool { return strings.HasSuffix(path, "/"+name) }); i >= 0 {
				near = known[i]
			}
			if text := suggest.Instead("no step "+what+" "+name, near); !slices.Contains(out, text) {
				out = append(out, text)
			}
		}
	}
	look("is called", append([]string{p.From}, p.Only...), paths)
	look("has the tag", slices.Concat(p.Tags, p.SkipTags), tags)
	return out
}

// lacking says which steps that run need what a step gives that does not.
func lacking(p *plan.Plan) []string {
	gone, kept := map[string]string{}, map[string]bool{}
	for _, n := range p.Nodes {
		var gives []string
		if n.Kind == plan.Set {
			for _, a := range n.Set {
				gives = append(gives, "vars."+a.Name)
			}
		}
		for _, name := range append(gives, "steps."+n.Name) {
			if n.LeftOut == "" {
				kept[name] = true
			} else {
				gone[name] = n.Path
			}
		}
	}
	var out []string
	for _, n := range p.Nodes {
		if n.LeftOut != "" {
			continue
		}
		names := compile.Names(&plan.Plan{Version: plan.Version, Nodes: []plan.Node{n}})
		for _, name := range names {
			parts := strings.SplitN(name, ".", 3)
			if len(parts) < 2 {
				continue
			}
			from := parts[0] + "." + parts[1]
			if path := gone[from]; path != "" && !kept[from] {
				out = append(out, n.Path+" needs "+name+", and "+path+" is left out")
			}
		}
	}
	return out
}

// Started is the first entry of a run of it, as far as its files say it.
func (w *Prepared) Started() event.RunStarted {
	part := w.Asked.Part
	out := event.RunStarted{
		Runbook: w.Plan.Runbook, Title: w.Plan.Title, Source: w.File.Path, Digest: w.File.Digest,
		Inputs: w.Inputs, SecretRefs: w.Secrets, Override: w.Override, Overrode: w.Overrode, Signatures: w.Signatures,
		Part: event.Part{From: part.From, Only: part.Only, Tags: part.Tags, SkipTags: part.SkipTags, Step: part.Step, LeftOut: w.LeftOut},
	}
	if w.EnvironmentFile != nil {
		out.Environment, out.EnvDigest, out.EnvSource = w.Environment.Name(), w.EnvironmentFile.Digest, w.EnvironmentFile.File
		out.Clocks = w.Environment.Clocks
	}
	out.Documents = each.Of(w.Others, func(d *Document) event.Document { return event.Document{Source: d.Path, Digest: d.Digest} })
	return out
}

// Words are those of the command that runs it, or of plan, which looks at it.
func (w *Prepared) Words(verb string) []string {
	args := []string{verb, w.File.Name}
	if w.Asked.Environment != "" {
		args = append(args, "--env", w.Asked.Environment)
	}
	for _, f := range w.Plan.Inputs {
		if text, ok := w.Asked.Inputs[f.Name]; ok {
			args = append(args, "--input", f.Name+"="+Plain(text))
		}
	}
	return append(args, w.Asked.Part.Flags()...)
}
