package login

import (
	"context"
	"fmt"

	"golang.org/x/crypto/ssh"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/pkg/action"
)

// Revocation is how many keys an account has, and how many of them are
// revoked.
type Revocation struct {
	Keys, Revoked int
	Open          []string // the ways in that no revoked key closes
	text          string   // the file of revoked keys
	keys          []key
}

// Disabled reports whether the account cannot sign in with any key.
func (r Revocation) Disabled() bool { return r.Revoked == r.Keys }

// Look reads which keys an account has and which are revoked.
func (k *Keys) Look(ctx context.Context, account string) (Revocation, error) {
	_, r, err := k.look(ctx, account)
	return r, err
}

func (k *Keys) look(ctx context.Context, account string) (server, Revocation, error) {
	s, err := k.server(ctx, account)
	if err != nil {
		return server{}, Revocation{}, err
	}
	var r Revocation
	if r.text, err = k.revoked(ctx, s); err != nil {
		return server{}, Revocation{}, err
	}
	if _, r.keys, err = k.authorized(ctx, s); err != nil {
		return server{}, Revocation{}, err
	}
	is := set(keysIn(r.text))
	for _, key := range r.keys {
		r.Keys++
		if is[key] {
			r.Revoked++
		}
	}
	open, err := k.open(ctx, s, account)
	r.Open = each.Of(open, way.String)
	return s, r, err
}

// longest is how much of a file is recorded, in bytes.
const longest = 32 << 10

// Previous is what Restore needs, as plain data: public keys are no secret.
func (r Revocation) Previous() map[string]any {
	mine := set(r.keys)
	out := map[string]any{"revoked": only(r.text, mine), "file": ""}
	if len(r.text) <= longest {
		out["file"] = r.text
	}
	var keys string
	for _, k := range r.keys {
		keys += k.bare("")
	}
	out["keys"] = keys
	return out
}

// Revoke has the server refuse every key that an account has now, for every
// account of the machine, and sees that it does. Open sessions stay open.
func (k *Keys) Revoke(ctx context.Context, account string) error {
	s, r, err := k.look(ctx, account)
	if err != nil {
		return err
	}
	if err := k.revoke(ctx, s, r.keys, account); err != nil {
		return err
	}
	return k.refuses(ctx, s, account, r.keys)
}

// revoke adds the keys that are not revoked yet.
func (k *Keys) revoke(ctx context.Context, s server, keys []key, account string) error {
	return k.editRevoked(ctx, s, func(text string) string {
		is, more := set(keysIn(text)), ""
		for _, key := range keys {
			if !is[key] {
				more += key.bare("revoked by irctl, of " + account)
			}
		}
		return with(text, more)
	})
}

// refuses asks the server for each key whether it would accept it.
func (k *Keys) refuses(ctx context.Context, s server, account string, keys []key) error {
	for _, key := range keys {
		pub, err := key.public()
		if err != nil {
			return err
		}
		accepted, err := k.wouldAccept(ctx, s, account, pub)
		if err != nil {
			return action.Doubtful(err)
		}
		if accepted {
			return &action.Error{
				Message: "the key " + ssh.FingerprintSHA256(pub) + " of " + action.CleanLine(account, 60) + " is in " + action.CleanLine(s.revoked, 120) + ", but the server accepts it still",
				Hint:    "check that the server that listens at " + s.address + " has read its configuration anew since RevokedKeys was set there, then retry",
			}
		}
	}
	return nil
}

// Allow has the server accept the keys of an account again, whoever revoked
// them.
func (k *Keys) Allow(ctx context.Context, account string) error {
	s, r, err := k.look(ctx, account)
	if err != nil {
		return err
	}
	if r.Keys == 0 {
		return &action.Error{Message: action.CleanLine(account, 60) + " has no key that could be accepted", Hint: "add one to " + fmt.Sprint(s.authorized), Permanent: true}
	}
	return k.editRevoked(ctx, s, func(text string) string { return without(text, set(r.keys)) })
}

// Restore puts back which of the recorded keys are revoked. If nobody has
// changed anything else in the file, it is byte for byte what it was.
func (k *Keys) Restore(ctx context.Context, account string, previous action.Values) error {
	s, _, err := k.look(ctx, account)
	if err != nil {
		return err
	}
	mine, before := set(keysIn(previous.String("keys"))), previous.String("file")
	return k.editRevoked(ctx, s, func(text string) string {
		others := without(text, mine)
		if with(without(before, mine), "\n") == with(others, "\n") {
			return before
		}
		return with(others, previous.String("revoked"))
	})
}

// Find looks for an account, and says whether all of its keys are revoked.
func (k *Keys) Find(ctx context.Context, account string) (disabled bool, err error) {
	s, r, err := k.look(ctx, account)
	if err == nil && r.Keys == 0 {
		err = &action.Error{Message: action.CleanLine(account, 60) + " has no key to replace on " + k.h.String(), Hint: fmt.Sprintf("look into %v there", s.authorized), Permanent: true}
	}
	return r.Disabled(), err
}

// SetCredential revokes every key that an account has but the one with this
// private key, and lets that in in their place. It keeps the options of the
// first one, such as from= and command=.
func (k *Keys) SetCredential(ctx context.Context, account string, private action.Secret) error {
	mine, err := publicOf(private)
	if err != nil {
		return err
	}
	s, r, err := k.look(ctx, account)
	if err != nil {
		return err
	}
	k.old = nil
	for _, key := range r.keys {
		if key != mine {
			k.old = append(k.old, key)
		}
	}
	if err := k.revoke(ctx, s, k.old, account); err != nil {
		return err
	}
	files, _, err := k.authorized(ctx, s)
	if err != nil {
		return err
	}
	placed := false
	for _, f := range files {
		here := false
		err := k.h.Edit(ctx, f.path, 0o600, func(now []byte) ([]byte, error) {
			var after string
			after, here = replaced(string(now), mine, account, placed)
			return []byte(after), nil
		})
		if err != nil {
			return err
		}
		placed = placed || here
	}
	return nil
}

// Settle sees that the old keys are refused, ends what was opened with them,
// and revokes the new key as well if the account is to stay disabled.
func (k *Keys) Settle(ctx context.Context, account string, disabled bool) (string, error) {
	s, err := k.server(ctx, account)
	if err != nil {
		return "", err
	}
	if err := k.refuses(ctx, s, account, k.old); err != nil {
		return "", err
	}
	if disabled {
		if err := k.Revoke(ctx, account); err != nil {
			return "", err
		}
	}
	n, err := k.EndSessions(ctx, account)
	if err != nil {
		return "", err
	}
	note := fmt.Sprintf("sessions ended: %d", n)
	if len(k.old) > 0 {
		note += fmt.Sprintf("; old keys revoked: %d", len(k.old))
	}
	return note, nil
}
