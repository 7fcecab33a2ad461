package environment

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"filippo.io/age"
	"filippo.io/age/agessh"

	"github.com/irctl/irctl/pkg/action"
)

// recipient is somebody to encrypt to: an age recipient or an SSH public key.
func recipient(text string) (age.Recipient, error) {
	if strings.HasPrefix(text, "ssh-") {
		return agessh.ParseRecipient(text)
	}
	found, err := age.ParseRecipients(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// fromAge decrypts a file with an identity that nobody else may read.
func fromAge(file, identity string, path func(string) (string, error)) (action.Secret, error) {
	abs, err := path(file)
	if err != nil {
		return action.Secret{}, err
	}
	key, err := path(identity)
	if err != nil {
		return action.Secret{}, err
	}
	return decrypt(abs, key)
}

func decrypt(file, identity string) (action.Secret, error) {
	key, err := fromFile(identity)
	if err != nil {
		return action.Secret{}, wrap(err, "the age identity cannot be read")
	}
	shown := action.CleanLine(file, 200)
	identities, err := age.ParseIdentities(strings.NewReader(key.Reveal()))
	if err != nil {
		// The error may hold a line of the file.
		return action.Secret{}, &action.Error{Message: action.CleanLine(identity, 200) + " holds no age identity", Hint: "make one with age-keygen", Permanent: true}
	}
	sealed, err := readFile(file, false, 2*maxSecret)
	if err != nil {
		return action.Secret{}, err
	}
	plain, err := age.Decrypt(bytes.NewReader(sealed), identities...)
	var nobody *age.NoIdentityMatchError
	switch {
	case errors.As(err, &nobody):
		return action.Secret{}, &action.Error{Message: shown + " is not encrypted to this identity", Hint: "encrypt it to the recipient of " + action.CleanLine(identity, 200) + ", too", Permanent: true}
	case err != nil:
		return action.Secret{}, &action.Error{Message: shown + " is not a file that age can decrypt", Cause: err, Permanent: true}
	}
	b, err := io.ReadAll(io.LimitReader(plain, maxSecret+1))
	if err != nil {
		return action.Secret{}, &action.Error{Message: shown + " is damaged", Cause: err, Permanent: true}
	}
	return trimmed(b, shown)
}

// seal is how a new secret is written. Its zero value writes it as it is.
type seal struct {
	recipients []age.Recipient
	identity   func() (string, error) // nil if irctl has none
}

func (s seal) sealed() bool { return len(s.recipients) > 0 }

// close is what is written of a secret.
func (s seal) close(secret action.Secret) ([]byte, error) {
	if !s.sealed() {
		return []byte(secret.Reveal() + "\n"), nil
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, s.recipients...)
	if err == nil {
		_, err = io.WriteString(w, secret.Reveal()+"\n")
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, &action.Error{Message: "the secret could not be encrypted, so nothing was changed", Hint: "check the recipients below new_secrets in the environment file", Cause: err}
	}
	return out.Bytes(), nil
}

func (s seal) open(path string) (action.Secret, error) {
	if s.identity == nil {
		return action.Secret{}, &action.Error{
			Message: action.CleanLine(path, 200) + " is encrypted to people",
			Hint:    "age --decrypt it with an identity that it is encrypted to",
			Cause:   action.ErrSealed,
		}
	}
	key, err := s.identity()
	if err != nil {
		return action.Secret{}, err
	}
	return decrypt(path, key)
}
