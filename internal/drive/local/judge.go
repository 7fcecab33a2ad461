package local

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/authority"
	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// Kept opens the bytes that lie beside the journal under a digest, and tells
// whether they have it.
type Kept func(digest string) (size int64, err error)

// has reports whether an artifact is kept as it is said to be.
func (k Kept) has(a event.Artifact) bool {
	if k == nil {
		return false
	}
	size, err := k(a.Digest)
	return err == nil && size == a.Size
}

// judged is an event that somebody asks for, as it may be written down: what a
// person says of a step is held against what the step asked, whoever held it
// against that before.
func judged(s engine.State, kept Kept, from authority.Origin, e event.Event) (event.Event, error) {
	refuse := func(why string) (event.Event, error) {
		return e, &engine.IllegalError{Event: e.Type(), Path: e.Path, Why: why}
	}
	st, begun := s.Step(e.Path)
	if late := event.LateOf(e.Body); !late.IsZero() && (late.At.After(e.Time) || late.At.IsZero() || late.By == "" || late.By != action.CleanLine(late.By, 100)) {
		return refuse("what is recorded late was at a time that is over, and somebody did it")
	}
	switch b := e.Body.(type) {
	case event.NoteAdded:
		if e.Path != "" && !begun {
			return refuse("no such step has begun")
		}
	case event.FactStated:
		b.At, b.Reason = b.At.UTC().Truncate(time.Second), action.CleanLine(b.Reason, 500)
		e.Body = b
	case event.ClockHeld:
		b.Until, b.Reason = b.Until.UTC().Truncate(time.Second), action.CleanLine(b.Reason, 500)
		e.Body = b
	case event.EvidenceAdded:
		if e.Path != "" && !begun {
			return refuse("no such step has begun")
		}
		if !kept.has(b.File) {
			return refuse("the file is not kept with the run as it is said to be")
		}
		b.File.Lost = ""
		for _, text := range []*string{&b.File.Name, &b.File.Head, &b.From, &b.Source, &b.Method, &b.Note, &b.Changed} {
			*text = action.CleanLine(*text, 500)
		}
		e.Body = b
	case event.EvidenceHandedOver:
		if strings.TrimSpace(b.To) == "" || strings.TrimSpace(b.Reason) == "" {
			return refuse("a hand-over says to whom and why")
		}
		for _, text := range []*string{&b.Item, &b.Digest, &b.To, &b.Reason} {
			*text = action.CleanLine(*text, 500)
		}
		e.Body = b
	case event.AnswerCorrected:
		if !begun || st.Phase != engine.Ended {
			return e, nil // the engine refuses it
		}
		all := event.Values{}
		maps.Copy(all, st.Outputs)
		maps.Copy(all, b.Outputs)
		outputs, err := compile.CallInputs(s.Plan().Node(st.Node).Outputs, all)
		if err != nil {
			return refuse("the answers do not fit: " + strings.ReplaceAll(err.Error(), "\n", "; "))
		}
		now := event.AnswerCorrected{Outputs: event.Values{}, Before: event.Values{}, Reason: b.Reason, ReadBy: readers(s, st)}
		if !s.EndedAt().IsZero() {
			now.ReadBy = append(now.ReadBy, "the run, which has ended,")
		}
		for name := range b.Outputs {
			now.Outputs[name], now.Before[name] = outputs[name], st.Outputs[name]
		}
		if len(now.ReadBy) > 0 && strings.TrimSpace(b.Reason) == "" {
			return refuse(strings.Join(now.ReadBy, ", ") + " went by the old answer already: say why it is corrected (--reason)")
		}
		e.Body = now
	case event.StepRetried:
		if b.Environment.Source == "" {
			return e, nil
		}
		if from != authority.Terminal {
			return refuse("the environment cannot be read anew while a process drives the run: end that first, with Ctrl-C")
		}
		if !kept.has(b.Environment.File) {
			return refuse("the environment is not kept with the run as it is said to be")
		}
	case event.StepSucceeded:
		if !begun || st.Phase != engine.Asking {
			return e, nil // the engine refuses it
		}
		n := s.Plan().Node(st.Node)
		outputs, err := compile.CallInputs(AnswersTo(n, st), b.Outputs)
		if err != nil {
			return refuse("the answers do not fit: " + strings.ReplaceAll(err.Error(), "\n", "; "))
		}
		for i, a := range b.Artifacts {
			wanted := len(n.Evidence) == 0 || slices.ContainsFunc(n.Evidence, func(f plan.Field) bool { return f.Name == a.Name })
			if !wanted || !kept.has(a) {
				return refuse(fmt.Sprintf("the file %s is not wanted, or is not kept with the run as it is said to be", action.CleanLine(a.Name, 60)))
			}
			b.Artifacts[i].Name, b.Artifacts[i].Head = action.CleanLine(a.Name, 100), action.CleanLine(a.Head, 200)
		}
		for _, f := range n.Evidence {
			if f.Required && !slices.ContainsFunc(b.Artifacts, func(a event.Artifact) bool { return a.Name == f.Name }) {
				return refuse("the file " + f.Name + " is missing")
			}
		}
		summary := "done by hand"
		if !b.Late.IsZero() {
			summary += "; " + b.Late.String()
		}
		e.Body = event.StepSucceeded{Outputs: outputs, Artifacts: b.Artifacts, Summary: summary, Late: b.Late}
	}
	return e, nil
}

// readers are the steps that have gone by what a step gave: their turn has come,
// and an expression of theirs asks for it.
func readers(s engine.State, of engine.Step) []string {
	p := s.Plan()
	asked := "steps." + p.Node(of.Node).Name + "."
	asks := map[plan.NodeID]bool{}
	var out []string
	for _, st := range s.Steps() {
		if st.Phase == engine.Entering || st.Path == of.Path {
			continue
		}
		asking, known := asks[st.Node]
		if !known {
			names := compile.Names(&plan.Plan{Version: plan.Version, Nodes: []plan.Node{*p.Node(st.Node)}})
			asking = slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(name, asked) })
			asks[st.Node] = asking
		}
		if asking {
			out = append(out, st.Path)
		}
	}
	return out
}

// AnswersTo is what a step asks a person for. When a person takes over from an
// action, what the action would have returned may not be known.
func AnswersTo(n *plan.Node, st engine.Step) []plan.Field {
	fields := slices.Clone(n.Outputs)
	for i := range fields {
		if st.Fallback && n.Kind == plan.Action {
			fields[i].Required = false
		}
	}
	return fields
}
