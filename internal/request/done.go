package request

import (
	"maps"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/internal/drive/local"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/event"
)

// Done says that a manual step was done, with its answers.
type Done struct {
	Step, As string
	Set      map[string]string // answers, by their names
	Evidence []event.Artifact  // kept with the run already
	// Correct says that the step is done already, and that these of its answers
	// were wrong; Reason why, which must be said once somebody went by them.
	Correct bool
	Reason  string
}

func (w Done) decide(st Standing) (Decision, error) {
	step, err := st.Step(w.Step)
	if err != nil {
		return Decision{}, err
	}
	if w.Correct {
		return w.correction(st, step)
	}
	if step.Phase != engine.Asking {
		return Decision{}, st.notWaiting(step, "a person to do it")
	}
	n := st.State.Plan().Node(step.Node)
	values, problems := answers(local.AnswersTo(n, step), w.Set)
	if len(problems) > 0 {
		return Decision{}, &AnswersError{Run: st.Run, Path: step.Path, Problems: problems, Asked: local.AnswersTo(n, step), Files: n.Evidence}
	}
	if err := w.complete(step.Path, n.Evidence); err != nil {
		return Decision{}, err
	}
	by, err := st.as(w.As)
	if err != nil {
		return Decision{}, err
	}
	return Decision{
		Path:    step.Path,
		Person:  by,
		Body:    event.StepSucceeded{Outputs: values, Artifacts: w.Evidence, Summary: "done by hand"},
		Summary: step.Path + ": done.",
	}, nil
}

// correction puts other answers in the place of those that were given.
func (w Done) correction(st Standing, step engine.Step) (Decision, error) {
	fields := slices.DeleteFunc(slices.Clone(st.State.Plan().Node(step.Node).Outputs), func(f plan.Field) bool { _, given := w.Set[f.Name]; return !given })
	values, problems := answers(fields, w.Set)
	if len(problems) > 0 {
		return Decision{}, &AnswersError{Run: st.Run, Path: step.Path, Problems: problems, Done: true}
	}
	by, err := st.as(w.As)
	return Decision{
		Path: step.Path, Person: by, Body: event.AnswerCorrected{Outputs: values, Reason: w.Reason},
		Summary: step.Path + ": corrected.",
	}, err
}

// CheckAnswer says why a text is no answer to what a step asks for.
func CheckAnswer(f plan.Field, text string) error {
	_, problems := answers([]plan.Field{f}, map[string]string{f.Name: text})
	if len(problems) > 0 {
		return problems[0]
	}
	return nil
}

// answers checks a person's answers against what a step declares. The rules
// are those of a run's inputs.
func answers(fields []plan.Field, given map[string]string) (event.Values, []compile.Problem) {
	given = maps.Clone(given)
	for _, f := range fields { // the empty text is an answer only where none is needed
		if text := strings.TrimSpace(given[f.Name]); f.Required && (text == "" || text == f.Placeholder()) {
			delete(given, f.Name)
		}
	}
	values, _, problems := compile.Inputs(&plan.Plan{Inputs: fields}, given)
	for i := range problems {
		if problems[i].Message == compile.NotAnInput {
			problems[i].Message = "is not asked for"
			problems[i].Hint = strings.Replace(problems[i].Hint, "there are no inputs", "the step asks for no answers", 1)
		}
	}
	return values, problems
}

// complete checks that the files that the step wants are among the evidence.
func (w Done) complete(path string, wanted []plan.Field) error {
	for i, f := range wanted {
		has := slices.ContainsFunc(w.Evidence, func(a event.Artifact) bool { return a.Name == f.Name })
		if f.Required && !has {
			return &EvidenceError{Path: path, Missing: &wanted[i]}
		}
	}
	for _, a := range w.Evidence {
		if len(wanted) > 0 && !slices.ContainsFunc(wanted, func(f plan.Field) bool { return f.Name == a.Name }) {
			return &EvidenceError{Path: path, Surplus: a.Name, Wanted: wanted}
		}
	}
	return nil
}
