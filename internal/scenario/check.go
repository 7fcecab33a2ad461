package scenario

import (
	"cmp"

	"github.com/irctl/irctl/internal/check"
	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

var NoRunbook = codes.Error("IR0600", "the runbook of a scenario cannot be read",
	"There is nothing to exercise. Name a runbook that `irctl runbook list` shows, or give a path that begins at the scenario's folder.")

// Check holds a scenario against the runbook that it names: whether its steps
// and inputs are there, and the inputs of the right type. read returns that
// runbook; its error says why there is none.
func (s *Scenario) Check(read func(name, from string) (*runbook.Runbook, error)) runbook.Diagnostics {
	var d language.Decoder
	if !s.Runbook.Given() {
		return nil // Parse has said so
	}
	rb, err := read(s.Runbook.Value, s.File)
	if err != nil {
		d.Report(NoRunbook, s.Runbook.Span, "check the name or path", "the runbook `%s` cannot be read: %s", action.CleanLine(s.Runbook.Value, 80), err)
		return d.Diagnostics()
	}
	s.inputs(&d, rb)
	s.steps(&d, rb)
	return d.Diagnostics()
}

var WrongInput = codes.Error("IR0601", "an input of a scenario does not fit its runbook",
	"The exercise could not begin: an input is not declared, has the wrong type, or is missing. The runbook says which inputs it takes.")

var SecretInput = codes.Error("IR0602", "a secret stands in a scenario",
	"Scenarios are copied and read by many. Leave secret inputs out: whoever starts the exercise gives them.")

func (s *Scenario) inputs(d *language.Decoder, rb *runbook.Runbook) {
	declared, names := map[string]*runbook.Input{}, []string{}
	for _, in := range rb.Inputs {
		declared[in.Name.Value] = in
		names = append(names, in.Name.Value)
	}
	given := map[string]bool{}
	for _, p := range s.Inputs {
		given[p.Key.Value] = true
		in := declared[p.Key.Value]
		switch {
		case in == nil:
			d.Report(WrongInput, p.Key.Span, suggestion(p.Key.Value, names, "inputs"), "the runbook `%s` has no input `%s`", rb.Name.Value, action.CleanLine(p.Key.Value, 80))
			continue
		case in.Secret:
			d.Report(SecretInput, s.besides(p.Value.Span), "remove the input, and change the secret", "the input `%s` on line %d is a secret and must not stand in the file", p.Key.Value, p.Key.Span.Start.Line)
			continue
		}
		f := check.FieldOf(in)
		v, problem := coerce.One(f, p.Value.Data())
		if problem != nil {
			d.Report(WrongInput, p.Value.Span, problem.Hint, "the input `%s` %s", p.Key.Value, problem.Message)
		} else if why := check.OutOfBounds(f.Type, in.Min.Data(), in.Max.Data(), v); why != "" {
			d.Report(WrongInput, p.Value.Span, "", "the input `%s` %s", p.Key.Value, why)
		}
	}
	for _, in := range rb.Inputs {
		if f := check.FieldOf(in); f.Required && !in.Secret && !given[f.Name] {
			d.Report(WrongInput, s.Runbook.Span, "add it below `inputs:`", "the runbook `%s` needs the input `%s`", rb.Name.Value, f.Name)
		}
	}
}

// besides is a place for a finding about a secret: not its own line, which
// would then be shown, but that of the runbook's name, or else the file as such.
func (s *Scenario) besides(secret runbook.Span) runbook.Span {
	if at := s.Runbook.Span; at.Start.Line < secret.Start.Line || at.Start.Line > secret.End.Line {
		return at
	}
	return runbook.Span{File: s.File}
}

var UnknownStep = codes.Error("IR0603", "an inject waits for a step that is not there",
	"It would never come. Name the id of a step of the runbook.")

func (s *Scenario) steps(d *language.Decoder, rb *runbook.Runbook) {
	var ids []string
	known := map[string]bool{}
	for step := range runbook.All(rb.Steps) {
		ids = append(ids, step.ID.Value)
		known[step.ID.Value] = true
	}
	var named []runbook.Text
	for _, in := range s.Injects {
		named = append(named, in.After, in.Fault.Step, in.Decision.Step)
	}
	for _, a := range s.Answers {
		named = append(named, a.Step)
	}
	for _, o := range s.Objectives {
		named = append(named, o.Step)
	}
	for _, step := range named {
		if step.Given() && !known[step.Value] {
			d.Report(UnknownStep, step.Span, suggestion(step.Value, ids, "steps"), "the runbook `%s` has no step `%s`", rb.Name.Value, action.CleanLine(step.Value, 80))
		}
	}
}

func suggestion(word string, known []string, what string) string {
	return cmp.Or(suggest.DidYouMean(word, known), "`irctl runbook show` prints the runbook with its "+what)
}
