package request

import (
	"github.com/irctl/irctl/pkg/event"
)

// GivenEvidence is a file that a person gives to a run. Its bytes are kept
// already.
type GivenEvidence struct {
	Step, As string
	event.EvidenceAdded
}

func (w GivenEvidence) decide(st Standing) (Decision, error) {
	out := Decision{Body: w.EvidenceAdded, Summary: w.File.Name + ": kept with the run."}
	by, err := st.as(w.As)
	if out.Person = by; err != nil || w.Step == "" {
		return out, err
	}
	step, err := st.Step(w.Step)
	out.Path = step.Path
	return out, err
}

// HandOver says to whom a piece of evidence was given.
type HandOver struct{ Item, Digest, To, Reason, As string }

func (w HandOver) decide(st Standing) (Decision, error) {
	by, err := st.as(w.As)
	return Decision{
		Person: by, Body: event.EvidenceHandedOver{Item: w.Item, Digest: w.Digest, To: w.To, Reason: w.Reason},
		Summary: "Item " + w.Item + ": handed over to " + w.To + ".",
	}, err
}
