package action

import (
	"context"
	"errors"
	"io"
	"net/netip"
)

// Action does one kind of thing to one kind of system. Its methods may be
// called from several goroutines at once.
type Action interface {
	// Spec describes the action. It is constant.
	Spec() Spec
	// Run brings the target into the desired state. It returns when the work
	// is done, failed, or ctx ended; see the package comment for the order.
	// An error that leaves the effect in doubt must say so ([Doubtful]).
	Run(ctx context.Context, req Request, out Sink) (Result, error)
}

// Inspector looks at the target and changes nothing, anywhere. It is used by
// plan, by recovery after a crash, by verify and by target check.
type Inspector interface {
	Inspect(ctx context.Context, req Request) (Inspection, error)
}

// Undoer puts back the state that Run recorded (req.Record). Undoing what is
// undone already is harmless and says so with Result.Already.
type Undoer interface {
	Undo(ctx context.Context, req Request, out Sink) (Result, error)
}

// Preflighter says before an incident whether the target is reachable and
// whether its credentials have the rights that Run needs. It changes nothing.
// Each problem is an error of its own, and so is what it could not find out
// (Error.Unchecked): without having connected it must not say nothing.
type Preflighter interface {
	Preflight(ctx context.Context, req Request) []error
}

// Validator finds mistakes in inputs that the Spec's types cannot express. It
// does no I/O. Inputs that hold expressions are absent from with.
type Validator interface {
	Validate(with Values, targetType string) []Problem
}

// Problem is a mistake in an action's inputs.
type Problem struct {
	Input   string // name of the input, "" for all of them
	Message string
	Hint    string
}

// Request is one call of an action.
type Request struct {
	Run     string // the run's ULID
	Runbook string // the runbook's name
	Path    string // the step's path
	Attempt int    // from 1; 0 when nothing runs (plan, target check)
	// Key identifies the effect: the same for every attempt of this step in
	// this run, different for everything else. Hand it to the target if the
	// target can refuse repetitions.
	Key string
	// Undoes is, for Undo, the Key under which Run acted; "" otherwise.
	Undoes string
	// With holds the inputs, checked and typed by the Spec, defaults filled in.
	With Values
	// Target is the system to act on; its zero value when the action needs none.
	Target Target
	// Record is what the step has recorded so far, nil if nothing was.
	Record map[string]any
	// Outputs is what Run returned, for Undo; nil if the outcome was lost.
	Outputs map[string]any
	// Allow is the network policy of the environment.
	Allow Allow
	// Secrets is where new credentials are put; nil if the environment names none.
	Secrets SecretStore
	// Dir is an existing folder for files this run may keep (mode 0700).
	Dir string
	// Folder is where irctl was started when the run began, also after a resume
	// from elsewhere; "" if there is no run, and then it is the current one.
	Folder string
}

// Allow is what the environment permits. The zero value permits the least.
type Allow struct {
	Loopback  bool `json:"loopback"`   // 127.0.0.0/8, ::1 (RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3)
	LinkLocal bool `json:"link_local"` // 169.254.0.0/16, fe80::/10 (RFC 3927, RFC 4291 section 2.5.6), and other addresses of clouds' metadata
	// Networks are the only ones that may be connected to, besides those above;
	// none is all.
	Networks []netip.Prefix `json:"networks,omitempty"`
}

// Target is a system as the environment names it.
type Target struct {
	Name     string // "corporate-mail"
	Type     string // "http"
	Zone     string // where it stands: "office", "dmz"; free text
	Owner    string
	Fallback string // what to do by phone when automation fails
	// Config holds the fields that the target type declares, typed, with
	// secret references resolved to Secret.
	Config Values
}

// Result is the good end of Run or Undo.
type Result struct {
	Outputs map[string]any `json:"outputs,omitempty"` // by the names that Spec.Outputs declares; never a secret
	Changed bool           `json:"changed"`           // the target was changed
	Already bool           `json:"already"`           // it was as desired before
	Summary string         `json:"summary"`           // one line for people: what is so now
}

// Inspection is what a look at the target found.
type Inspection struct {
	// Known is false when nobody can tell from the outside; then the fields
	// Desired and Outputs mean nothing.
	Known bool `json:"known"`
	// Desired is true when the target is in the state that Run would bring about.
	Desired bool `json:"desired"`
	// Repeatable says that running again is harmless although Desired is
	// unknown or false, for example because the target drops repetitions by key.
	Repeatable bool `json:"repeatable,omitempty"`
	// Current and Want describe the state now and the state after Run, one
	// line each, for people.
	Current string `json:"current"`
	Want    string `json:"want"`
	// Hint is what a person has to do if Desired is false, where a look can tell:
	// until then trying again does not help. "" is to see what else changes the
	// target.
	Hint string `json:"hint,omitempty"`
	// Outputs are what Run would have returned, as far as a look can tell.
	Outputs map[string]any `json:"outputs,omitempty"`
}

// Sink takes what an action has to say while it runs. Its methods may be
// called from several goroutines, until Run returns.
type Sink interface {
	// Record makes values durable in the journal before it returns nil. Call
	// it before the first change; if it fails, change nothing and return its
	// error. A second call adds to the first. Values must be plain data
	// without secrets.
	Record(values map[string]any) error
	// Progress shows one line to whoever watches. It is not kept.
	Progress(line string)
	// Artifact keeps the bytes of r beside the journal, by digest, and adds
	// them to the outcome. Known secrets are replaced while copying.
	Artifact(name string, r io.Reader) (digest string, size int64, err error)
	// Output is where a command's raw output goes; it is kept as an artifact
	// named after the stream when the attempt ends.
	Output(stream string) io.Writer
}

// SecretStore is where new credentials go. It is the environment's; an action
// generates a secret, puts it, records the reference, and only then changes
// the target.
type SecretStore interface {
	// Put stores the secret under a name and returns a reference that a person
	// can follow ("file:/.../alice"); a reference is not a secret. Storing
	// under the same name again replaces the secret.
	Put(ctx context.Context, name string, s Secret) (ref string, err error)
	// Get returns what Put stored. The error is ErrSealed if the environment
	// has it so that only people can: then make a new one.
	Get(ctx context.Context, ref string) (Secret, error)
}

// ErrSealed says that a stored secret can be read by people, not by irctl.
var ErrSealed = errors.New("irctl can store secrets there, but not read them")
