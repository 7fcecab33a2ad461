package credentials

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"github.com/irctl/irctl/pkg/action"
)

// The names under which an attempt records what the next one needs.
const (
	recordStored  = "stored"
	recordAccount = "account"
)

// storedName names a new secret after target, account and step. It must be of
// this step alone: were it the account's, a rotation that fails would replace
// the password that an earlier one stored and that is still valid.
func storedName(target, account, key string) string {
	return fmt.Sprintf("%s-%s-%x", plain(target), plain(account), sha256.Sum256([]byte(account+"\x00"+key)))[:len(plain(target))+len(plain(account))+2+12]
}

// plain is a text as a part of a file's name.
func plain(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_':
			b.WriteRune(r)
		default:
			b.WriteByte('-')
		}
	}
	return b.String()[:min(b.Len(), 40)]
}

// keep stores a new credential under the step's own name for it.
func keep(ctx context.Context, req action.Request, credential action.Secret) (ref string, err error) {
	ref, err = req.Secrets.Put(ctx, storedName(req.Target.Name, req.With.String("account"), req.Key), credential)
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

// result says that an account has a new credential, and where it is stored.
func result(noun string, req action.Request, ref, but string) action.Result {
	account := req.With.String("account")
	return action.Result{
		Outputs: map[string]any{"account": account, "stored": ref},
		Changed: true,
		Summary: fmt.Sprintf("%s has a new %s, stored in %s%s", action.CleanLine(account, 60), noun, ref, but),
	}
}
