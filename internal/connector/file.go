package connector

import (
	"net/http"
	"slices"
	"time"

	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// File is a parsed connector. Texts that are absent are not given. A text may
// hold ${{ }} where a field says template; CEL is an expression.
type File struct {
	Path   string // where it was read, for people
	Source []byte

	Name, Title, Summary runbook.Text
	Origin               Origin
	Config               []action.Field // of a target of this type
	Base                 runbook.Text   // template: an URL
	Reach                []runbook.Text // templates: URLs whose hosts may be reached, too
	Auth                 Auth
	Headers              []runbook.Pair // templates
	Timeout              time.Duration  // of one request; 0 is a default
	Key                  Idempotency
	Lists                []string     // names of elements of XML that are lists
	RateReset            runbook.Text // the header that says when a limit ends, in seconds since 1970
	Errors               []*Rule
	Ready                []*Request // key "check": what tells whether the credentials work
	Actions              []*Action  // in the file's order

	texts  *expr.Evaluator
	issued tokens
}

// Origin is what a connector was written from: a public reference.
type Origin struct {
	Title, URL, Date runbook.Text
	Description      runbook.Text // the file beside this one that holds the used part of a machine-readable one
	Checked          runbook.Text // the vendor's machine-readable description that it was compared with
	Digest           runbook.Text // SHA-256 of the whole that the part was taken from, in hex
}

// Auth is how requests prove who sends them. At most one of its pointers is set,
// apart from Certificate.
type Auth struct {
	Span   runbook.Span
	Bearer *runbook.Value // template
	Basic  *Named         // the names user, password
	Header *Named         // name, value
	Query  *Named         // name, value
	OAuth2 *Named         // token_url, client_id, client_secret, scopes, audience
	Device *Named         // device_url, token_url, client_id, client_secret, scopes, refresh_token
	AWS    *Named         // access_key, secret_key, session_token, region, service
	// Certificate is a client's certificate: cert_file, key_file.
	Certificate *Named
}

// Named is a mapping of templates.
type Named struct{ Pairs []runbook.Pair }

// Get returns the template of a name, nil if there is none.
func (n *Named) Get(name string) *runbook.Value {
	for _, p := range n.Pairs {
		if p.Key.Value == name {
			return p.Value
		}
	}
	return nil
}

// Idempotency is how a system tells repeated requests.
type Idempotency struct {
	Header       runbook.Text // that carries the key of the step; none is sent without one
	Deduplicates bool         // the system carries out nothing twice that bears the same key
}

// Rule says what an answer means that is an error.
type Rule struct {
	When             runbook.Text   // CEL over answer
	Permanent, Doubt *bool          // nil is as the status says
	Absent           bool           // it says that what was asked for is not there
	Say, Hint        *runbook.Value // templates
}

// Action is one verb.
type Action struct {
	Name runbook.Text // "account.disable"
	// New describes an action that only connectors have, nil for others. Its
	// Targets are empty.
	New *action.Spec

	Look    []*Request   // change nothing
	Missing runbook.Text // CEL: there is nothing to act on
	Desired runbook.Text // CEL: it is as the action leaves it
	State   runbook.Text // CEL: how it is, for people
	Keep    []runbook.Pair
	Run     []*Request
	Verify  *Verify
	Undo    *Undo
	Outputs []runbook.Pair // name to CEL
	Once    bool           // what may have been done must not be done again by itself
	Settle  time.Duration  // how long the system may take to follow
}

// Action is the one of a name, nil if there is none.
func (f *File) Action(name string) *Action {
	for _, a := range f.Actions {
		if a.Name.Value == name {
			return a
		}
	}
	return nil
}

// Unverified reports whether what the connector goes by was held against prose
// alone, and never against a machine-readable description of the vendor's.
func (f *File) Unverified() bool { return !f.Origin.Checked.Given() && !f.Origin.Digest.Given() }

// Repeatable reports whether the requests of an action may be sent again although
// nobody can see whether they were carried out: the system tells repetitions by
// their key, or their methods are idempotent (RFC 9110 section 9.2.2).
func (f *File) Repeatable(a *Action) bool {
	return f.Key.Deduplicates || !slices.ContainsFunc(a.Run, func(r *Request) bool { return r.Method == http.MethodPost || r.Method == http.MethodPatch })
}

// Verify looks as those concerned would.
type Verify struct {
	Look  []*Request
	Holds runbook.Text // CEL
}

// Undo puts back what was kept.
type Undo struct {
	When   runbook.Text // CEL over record and what Look found; not given is always
	Run    []*Request
	Undone runbook.Text // CEL
}

// Request is one request and what its answer means.
type Request struct {
	As      runbook.Text // what its result is called; not given is not at all
	Span    runbook.Span
	Method  string         // "GET"
	Path    *runbook.Value // template, added to the base; or the whole of an URL
	Query   []runbook.Pair // templates
	Headers []runbook.Pair // templates
	Body    *runbook.Value // templates, sent as JSON; nil is none
	Form    []runbook.Pair // templates
	When    runbook.Text   // CEL; not given is always
	Each    runbook.Text   // CEL: a list, for each element of which, called item, it is sent
	Expect  runbook.Text   // CEL over answer; not given is a status of 2xx
	Absent  []int          // statuses that say that it is not there: the result is null
	Pages   *Pages
	Wait    *Wait
}

// Pages is how an answer goes on.
type Pages struct {
	Items runbook.Text // CEL over answer: the list of this page
	Next  runbook.Text // "link", or CEL over answer: an URL, a path, or a value for Query; nothing ends it
	Query runbook.Text // the name in the query that Next is given as
	Most  int          // elements; more are an error
}

// Wait is how the end of a long operation is waited for.
type Wait struct {
	Get           *runbook.Value // template
	Until, Failed runbook.Text   // CEL over answer
	Every, Within time.Duration
}
