package anchor

import (
	"crypto/x509"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
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
	Place      string    `json:"place,omitempty"`  // where whoever wants to see it must ask
	Failed     string    `json:"failed,omitempty"` // why the anchor gave nothing
}

// Name tells a receipt from the others of its run. Of failures the latest is
// kept.
func (r Receipt) Name() string {
	if r.Failed != "" {
		return r.Anchor + "-failed"
	}
	c, _ := parseCheckpoint(r.Checkpoint)
	return fmt.Sprintf("%s-%09d", r.Anchor, c.Size)
}

// Trust is whose word counts when receipts are checked.
type Trust struct {
	Policy *Policy        // whose logs and witnesses; nil is those of Named
	Roots  *x509.CertPool // whose time-stamp authorities; nil is those of Named
	Named  map[string]Named
}

// Named is whose word counts by what an environment says of an anchor.
type Named struct {
	Key   Key            // of a witness
	Roots *x509.CertPool // of a time-stamp authority; nil is the system's
}

// ReadTrust reads a policy file and a PEM file of certificate authorities; "" is
// neither.
func ReadTrust(policy, authorities string) (t Trust, err error) {
	if policy != "" {
		text, err := os.ReadFile(policy)
		if err == nil {
			t.Policy, err = ParsePolicy(string(text))
		}
		if err != nil {
			return t, fmt.Errorf("the policy %s: %w", policy, err)
		}
	}
	t.Roots, err = Roots(authorities)
	return t, err
}

// maxCheckpoint bounds the file of a checkpoint, in bytes.
const maxCheckpoint = 1 << 16

// Standing is what a receipt shows.
type Standing struct {
	Receipt
	Log    string    // which log the checkpoint is of
	Size   int64     // how many entries it had
	Root   tlog.Hash // of the tree over them
	Proven bool      // by a signature that was checked; else it is only said
	Given  bool      // and by keys or authorities that were given, not those of the environment
	By     []string  // who signed
	At     time.Time // when, as they say; zero if they do not
}

// Said is what a receipt says, unchecked.
func (r Receipt) Said() Standing {
	c, _ := parseCheckpoint(r.Checkpoint)
	return Standing{Receipt: r, Log: c.Origin, Size: c.Size, Root: c.Root}
}

// Check tells what a receipt shows. The error is for one that should prove
// something and does not.
func (r Receipt) Check(t Trust) (Standing, error) {
	out := r.Said()
	_, err := parseCheckpoint(r.Checkpoint)
	switch {
	case r.Failed != "" || err != nil:
		return out, err
	case r.Kind == ByWitness:
		open := t.Named[r.Anchor].Key.Cosigned(r.Anchor)
		if t.Policy != nil {
			open = t.Policy.Open
		}
		seen, err := CheckProof(r.Proof, []byte(r.Checkpoint), open)
		out.Proven, out.By, out.At = err == nil, seen.By, seen.At
		out.Given = out.Proven && t.Policy != nil
		return out, err
	case r.Kind == ByAuthority:
		roots := t.Roots
		if roots == nil {
			roots = t.Named[r.Anchor].Roots
		}
		out.At, err = CheckStamp(r.Proof, []byte(r.Checkpoint), roots)
		out.Proven, out.By = err == nil, []string{r.Anchor}
		out.Given = out.Proven && t.Roots != nil
		return out, err
	case r.Kind == InFolder:
		// The evidence names the path: nothing is opened that is no small file.
		info, err := os.Lstat(r.Place)
		if err != nil || !info.Mode().IsRegular() || info.Size() > maxCheckpoint {
			return out, nil // whoever keeps the folder must be asked
		}
		copied, err := os.ReadFile(r.Place)
		if err != nil {
			return out, nil
		}
		if !strings.HasPrefix(string(copied), r.Checkpoint+"\n") {
			return out, fmt.Errorf("%s holds another checkpoint", r.Place)
		}
	}
	return out, nil
}
