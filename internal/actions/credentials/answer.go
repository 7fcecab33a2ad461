package credentials

import (
	"context"

	"github.com/irctl/irctl/pkg/action"
)

// signer is a keeper that can be signed in to as an account to see whether a
// credential is accepted. For a disabled account it may say false of the right
// one.
type signer interface {
	Accepts(ctx context.Context, account string, credential action.Secret) (bool, error)
}

// teller is a keeper that says more of a credential.
type teller interface {
	Tell(ctx context.Context, account string, credential action.Secret) (answer, error)
}

// answer is what a keeper says of a credential.
type answer struct {
	right   bool
	unknown string // why nobody can tell
	note    string // what people have to know
}

// ask asks about a credential as far as anybody can tell.
func (t *turn) ask(ctx context.Context, credential action.Secret, disabled bool) (answer, error) {
	if k, ok := t.keeper.(teller); ok {
		return k.Tell(ctx, t.account, credential)
	}
	if disabled {
		return answer{unknown: "the account is disabled"}, nil
	}
	right, err := t.proves(ctx, credential)
	return answer{right: right}, err
}

// seen looks from outside, and says what was seen.
func (t *turn) seen(ctx context.Context, disabled, oldKnown bool) (string, error) {
	said, err := answer{unknown: "the account is disabled"}, error(nil)
	switch k := t.keeper.(type) {
	case teller:
		said, err = k.Tell(ctx, t.account, t.credential)
	case signer:
		if !disabled {
			said.unknown = ""
			said.right, err = k.Accepts(ctx, t.account, t.credential)
		}
	}
	switch {
	case err != nil:
		return "", action.Doubtful(err)
	case said.unknown != "":
		return "; nobody can sign in to see, because " + said.unknown, nil
	case !said.right:
		return "", &action.Error{
			Message: "the system confirmed the new credential of " + action.CleanLine(t.account, 60) + ", but does not accept it",
			Hint:    "check that the account may sign in from where irctl does, then retry: the same credential is set again",
		}
	case t.guarded:
		return said.note, nil
	}
	return t.refuses(ctx, oldKnown)
}

// refuses looks that another credential is refused: the old one, if anybody
// knows it.
func (t *turn) refuses(ctx context.Context, oldKnown bool) (string, error) {
	guess, err := t.Make(0)
	if err != nil {
		return "", err
	}
	if oldKnown {
		guess = t.Old()
	}
	switch accepted, err := t.keeper.(signer).Accepts(ctx, t.account, guess); {
	case err != nil:
		return "", action.Doubtful(err)
	case accepted && oldKnown:
		return "", &action.Error{
			Message: action.CleanLine(t.account, 60) + " has its new credential, but the old one is accepted too",
			Hint:    "look how else the system lets people sign in, and retry",
		}
	case accepted:
		return "", &action.Error{
			Message: action.CleanLine(t.account, 60) + " has its new credential, but the system lets it sign in with any, from where irctl does",
			Hint:    "have the system ask for a credential (in PostgreSQL, see pg_hba.conf for trust), then retry",
		}
	case oldKnown:
		return "; the new one is accepted and the old one refused", nil
	}
	return "; the new one is accepted, another refused", nil
}

// proves reports whether the account signs in with this credential and not
// with any.
func (t *turn) proves(ctx context.Context, credential action.Secret) (bool, error) {
	k := t.keeper.(signer)
	ok, err := k.Accepts(ctx, t.account, credential)
	if err != nil || !ok {
		return false, err
	}
	guess, err := t.Make(0)
	if err != nil {
		return false, err
	}
	anything, err := k.Accepts(ctx, t.account, guess)
	return !anything, err
}
