package credentials

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"github.com/irctl/irctl/internal/newsecret"
	"github.com/irctl/irctl/pkg/action"
)

// The names under which an attempt records what the next one needs.
const (
	recordStored  = "stored"
	recordAccount = "account"
	recordDN      = "dn"
	recordLock    = "lock" // what disabled the account, if it was
)

// storedName names a new secret after the account and the step. It must be of
// this step alone: were it the account's, a rotation that fails would replace
// the password that an earlier one stored and that is still valid.
func storedName(account, key string) string {
	var b strings.Builder
	for _, r := range account {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_':
			b.WriteRune(r)
		default:
			b.WriteByte('-')
		}
	}
	name := b.String()
	if len(name) > 40 {
		name = name[:40]
	}
	return fmt.Sprintf("%s-%x", name, sha256.Sum256([]byte(account+"\x00"+key)))[:len(name)+1+12]
}

// fresh makes a password and stores it.
func fresh(ctx context.Context, req action.Request) (password action.Secret, ref string, err error) {
	if err := storeNamed(req); err != nil {
		return action.Secret{}, "", err
	}
	password, err = newsecret.Generate(req.Target.Config, req.With.Int("length"))
	if err != nil {
		return action.Secret{}, "", err
	}
	ref, err = keep(ctx, req, password)
	return password, ref, err
}

// keep stores a new credential under the step's own name for it.
func keep(ctx context.Context, req action.Request, credential action.Secret) (ref string, err error) {
	ref, err = req.Secrets.Put(ctx, storedName(req.With.String("account"), req.Key), credential)
	if err != nil {
		return "", &action.Error{
			Message: "the new credential could not be stored, so the old one was not replaced",
			Hint:    "check new_secrets of the environment",
			Cause:   err,
		}
	}
	return ref, nil
}

// recalled returns the password that an earlier attempt stored, or
// action.ErrSealed if only people can read it.
func recalled(ctx context.Context, req action.Request) (password action.Secret, ref string, err error) {
	if err := storeNamed(req); err != nil {
		return action.Secret{}, "", err
	}
	ref = action.Values(req.Record).String(recordStored)
	password, err = req.Secrets.Get(ctx, ref)
	if errors.Is(err, action.ErrSealed) {
		return action.Secret{}, ref, err
	}
	if err == nil && password.IsZero() {
		err = fmt.Errorf("what is stored is empty")
	}
	if err != nil {
		return action.Secret{}, "", &action.Error{
			Message: "the password that an earlier attempt stored cannot be read, so nobody can tell whether it is the account's",
			Hint:    "look for " + ref + "; if it is lost, resolve this step and rotate the account anew",
			Cause:   err,
		}
	}
	return password, ref, nil
}

func storeNamed(req action.Request) error {
	if req.Secrets != nil {
		return nil
	}
	return &action.Error{
		Message:   "there is no place for the new password, so nothing was changed",
		Hint:      "name one in the environment file, as in `new_secrets: {folder: secrets}`",
		Permanent: true,
	}
}

func begun(req action.Request) bool { return req.Record[recordStored] != nil }

// cannotTell is what a look finds if an earlier attempt stored a password that
// irctl cannot read: giving the account another is harmless.
func cannotTell(req action.Request) action.Inspection {
	account := action.CleanLine(req.With.String("account"), 60)
	return action.Inspection{
		Repeatable: true, Want: account + " has a new password",
		Current: "an earlier attempt stored a password that irctl cannot read, so nobody can see whether it is the account's",
	}
}
