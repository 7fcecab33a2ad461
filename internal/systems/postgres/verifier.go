package postgres

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	"github.com/irctl/irctl/pkg/action"
)

// rounds is how often PostgreSQL itself hashes (scram_iterations).
const rounds = 4096

// verifier is what the server keeps of a password (RFC 5803), with a salt of
// its own.
func verifier(password action.Secret) (string, error) {
	salt := make([]byte, 16)
	if _, err := rand.Read(salt); err != nil {
		return "", err
	}
	return verifierWith(password, salt)
}

// verifierWith is verifier with a given salt. The password must be of ASCII,
// so that SASLprep (RFC 4013) leaves it as it is; those of newsecret are.
func verifierWith(password action.Secret, salt []byte) (string, error) {
	salted, err := pbkdf2.Key(sha256.New, password.Reveal(), salt, rounds, sha256.Size)
	if err != nil {
		return "", err
	}
	// RFC 5802 section 3: StoredKey and ServerKey.
	stored := sha256.Sum256(keyed(salted, "Client Key"))
	text := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("SCRAM-SHA-256$%d:%s$%s:%s", rounds, text(salt), text(stored[:]), text(keyed(salted, "Server Key"))), nil
}

func keyed(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
