package account

import (
	"context"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/pkg/action"
)

// standing is how an account is. Both are false if it is disabled in part.
type standing struct {
	disabled, enabled bool
	words             string   // "alice may not log in"
	open              []string // see kind.State.Open, for whoever disables
	note              string   // ways that need another credential or were open before, see lasting
	previous          map[string]any
}

// board is a system whose accounts can be disabled and enabled.
type board interface {
	look(ctx context.Context, account string) (standing, error)
	// set disables or enables an account, harmlessly again. It is given the key
	// of the step, for systems where one has to tell whose change it is.
	set(ctx context.Context, account, key string, disabled bool) error
	// restore puts the previous of a standing back, after the step with this key
	// changed it, and nothing that others have changed since.
	restore(ctx context.Context, account, key string, previous action.Values) error
	// Preflight says what keeps irctl from acting, on an account if that is not "".
	Preflight(ctx context.Context, account string) []error
	Close()
}

// lasting is the note of systems that have sessions: a step is verified when
// nobody signs in to that account by a credential of its own. What else leads to
// it, as sessions from before, master users and sudo do, is another step's to end
// or somebody else's to use, so the line that says verified names it.
const lasting = "; sessions from before stay open"

// oneOrOther is how an account is that can only be enabled or disabled; name is
// what the first is recorded as.
func oneOrOther(account string, enabled bool, name, whenEnabled, whenDisabled string) standing {
	s := standing{disabled: !enabled, enabled: enabled, previous: map[string]any{name: enabled}, words: whenDisabled}
	if enabled {
		s.words = whenEnabled
	}
	s.words = action.CleanLine(account, 60) + " " + s.words
	return s
}

// switched makes a kind out of the board that as makes of an open system.
func switched[S any](k kind.Change, disable bool, open func(context.Context, action.Request) (S, error), as func(S) board) kind.Kind {
	k.Open = func(ctx context.Context, req action.Request) (kind.Work, error) {
		s, err := open(ctx, req)
		if err != nil {
			return nil, err
		}
		return &turn{board: as(s), req: req, account: req.With.String("account"), disabled: disable}, nil
	}
	return k
}

// turn disables or enables one account.
type turn struct {
	board
	req      action.Request
	account  string
	disabled bool // what the action wants
	now      standing
}

// The names of what the first attempt records.
const (
	recordPrevious = "previous"
	recordWords    = "words" // of the state before
)

// Look implements kind.Work.
func (t *turn) Look(ctx context.Context, _ action.Values) (kind.State, error) {
	var err error
	t.now, err = t.look(ctx, t.account)
	s := kind.State{Desired: t.now.enabled, Current: t.now.words, Want: action.CleanLine(t.account, 60) + " is enabled"}
	if t.disabled {
		s.Desired, s.Want, s.Open = t.now.disabled, action.CleanLine(t.account, 60)+" is disabled", t.now.open
		s.Summary, s.Already = s.Want+t.now.note, s.Want+" already"+t.now.note
	}
	return s, err
}

// Check implements kind.Checker.
func (t *turn) Check(ctx context.Context) []error { return t.Preflight(ctx, t.account) }

// Keep implements kind.Keeper.
func (t *turn) Keep(_ context.Context, record action.Values) (map[string]any, error) {
	if len(record) > 0 {
		return nil, nil
	}
	return map[string]any{recordPrevious: t.now.previous, recordWords: t.now.words}, nil
}

// Change implements kind.Work.
func (t *turn) Change(ctx context.Context, _ action.Values, _ action.Sink) error {
	return t.set(ctx, t.account, t.req.Key, t.disabled)
}

// PutBack implements kind.Restorer.
func (t *turn) PutBack(ctx context.Context, record action.Values, _ action.Sink) (bool, string, error) {
	previous := record.Map(recordPrevious)
	if lock, ok := record[recordPrevious].([]any); ok { // as directories were recorded at first
		previous = action.Values{"lock": lock}
	}
	if previous == nil {
		return false, "", &action.Error{Message: "what the step recorded cannot be read", Hint: "see the step's record in the journal, and put the account right by hand", Permanent: true}
	}
	before, err := t.look(ctx, t.account)
	if err != nil {
		return false, "", err
	}
	if err := t.restore(ctx, t.account, t.req.Undoes, previous); err != nil {
		return false, "", err
	}
	now, err := t.look(ctx, t.account)
	if err != nil {
		return false, "", action.Doubtful(err)
	}
	summary := now.words
	if was := record.String(recordWords); was != "" && now.words != was {
		summary += "; before the step it was: " + was + ". Somebody, or another run of irctl, has changed it since, and that was left"
	}
	return now.words != before.words, summary, nil
}
