package projection

import (
	"maps"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/pkg/event"
)

// Record is an event with all that it says: an [Entry], the values that were
// asked for or given, and what was kept of the output.
type Record struct {
	Entry
	Event     event.Type       `json:"event"`
	Attempt   int              `json:"attempt"` // 0 unless the event is about one
	Values    data.Map         `json:"values"`
	Artifacts []event.Artifact `json:"-"`
}

// RecordOf tells an event whole.
func RecordOf(e event.Event) Record {
	out := Record{Entry: Tell(e), Event: e.Type()}
	var values event.Values
	switch b := e.Body.(type) {
	case event.RunStarted:
		values = event.Values{}
		for _, from := range []event.Values{b.Inputs, b.SecretRefs} {
			for name, v := range from {
				values[name] = v
			}
		}
	case event.RunEnded:
		values = b.Outputs
	case event.ApprovalAsked:
		values = b.With
	case event.StepStarted:
		values = b.Inputs
	case event.AttemptStarted:
		out.Attempt, values = b.Attempt, b.With
	case event.AttemptRecorded:
		out.Attempt, values = b.Attempt, b.Record
	case event.AttemptFailed:
		out.Attempt = b.Attempt
	case event.StepSucceeded:
		out.Attempt, values = b.Attempt, b.Outputs
	case event.AnswerCorrected:
		values = event.Values{}
		for name, v := range b.Outputs {
			values[name], values[name+" before"] = v, b.Before[name]
		}
	case event.StepFailed:
		out.Attempt = b.Attempt
	case event.StepUnknown:
		out.Attempt = b.Attempt
	}
	out.Values, out.Artifacts = data.Map(maps.Clone(values)), slices.Clone(Artifacts(e.Body))
	return out
}

// Artifacts are the files beside the journal that an event says were kept of a
// step or given to the run.
func Artifacts(body event.Body) []event.Artifact {
	switch b := body.(type) {
	case event.AttemptFailed:
		return b.Artifacts
	case event.StepSucceeded:
		return b.Artifacts
	case event.StepFailed:
		return b.Artifacts
	case event.StepCanceled:
		return b.Artifacts
	case event.StepUnknown:
		return b.Artifacts
	case event.EvidenceAdded:
		return []event.Artifact{b.File}
	}
	return nil
}

// In reports whether the record is about a step, or about what is inside it;
// every record is in "".
func (r Record) In(step string) bool {
	rest, ok := strings.CutPrefix(r.Path, step)
	return step == "" || ok && (rest == "" || rest[0] == '/' || rest[0] == '[' || rest[0] == '#')
}

// Sent are the inputs that are a command or a request themselves.
var Sent = []string{"argv", "shell", "method", "url"}

// SentName is the name of the artifact that holds the commands and requests of
// an attempt, as they were sent.
const SentName = "sent"

// Audited leaves of the record what was done, and not what came back.
func (r *Record) Audited() {
	started := event.AttemptStarted{}.Type()
	maps.DeleteFunc(r.Values, func(name string, _ any) bool { return r.Event != started || !slices.Contains(Sent, name) })
	r.Artifacts = slices.DeleteFunc(r.Artifacts, func(a event.Artifact) bool { return a.Name != SentName })
}
