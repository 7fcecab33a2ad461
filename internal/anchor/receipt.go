package anchor

import (
	"crypto/x509"
	"time"
)

// Kind is what kind of anchor gave a receipt. The zero value is invalid.
type Kind string

// The kinds of anchors.
const (
	ByWitness   Kind = "witness"
	ByAuthority Kind = "timestamp"
	InFolder    Kind = "folder"
	ByCommand   Kind = "command"
	AtTarget    Kind = "target" // a system of the environment that takes messages
)

// Receipt is what an anchor gave for a checkpoint of a run. It lies beside the
// journal, as JSON.
type Receipt struct {
	Anchor     string    `json:"anchor"` // its name in the environment
	Kind       Kind      `json:"kind"`
	Checkpoint string    `json:"checkpoint"` // the text that was anchored, without signatures
	Time       time.Time `json:"time"`       // by this machine's clock
	Proof      []byte    `json:"proof,omitempty"`
	Place      string    `json:"place,omitempty"` // where whoever wants to see it must ask
}

// Trust is whose word counts when receipts are checked.
type Trust struct {
	Policy *Policy        // whose logs and witnesses; nil is nobody's
	Roots  *x509.CertPool // whose time-stamp authorities; nil is the system's
}

// Standing is what a receipt shows.
type Standing struct {
	Receipt
	Size   int64     // of the run's log
	Proven bool      // by a signature that was checked; else it is only said
	By     []string  // who signed
	At     time.Time // when, as they say; zero if they do not
}

// Check tells what a receipt shows. The error is for one that should prove
// something and does not.
func (r Receipt) Check(t Trust) (Standing, error) {
	out := Standing{Receipt: r}
	c, err := parseCheckpoint([]byte(r.Checkpoint))
	if err != nil {
		return out, err
	}
	out.Size = c.size
	switch r.Kind {
	case ByWitness:
		if t.Policy == nil {
			return out, nil
		}
		seen, err := CheckProof(r.Proof, []byte(r.Checkpoint), t.Policy)
		out.Proven, out.By, out.At = err == nil, seen.By, seen.At
		return out, err
	case ByAuthority:
		out.At, err = CheckStamp(r.Proof, []byte(r.Checkpoint), t.Roots)
		out.Proven, out.By = err == nil, []string{r.Anchor}
		return out, err
	}
	return out, nil
}
