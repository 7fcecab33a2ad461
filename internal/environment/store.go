package environment

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"filippo.io/age"

	"github.com/irctl/irctl/internal/durable"
	"github.com/irctl/irctl/pkg/action"
)

// store keeps new credentials: a folder that only its owner may enter, one
// file per credential, encrypted if there are recipients.
type store struct {
	folder func() (string, error)
	seal   seal
}

// sink is where new credentials go, as the file says.
type sink struct {
	folder     string
	recipients []age.Recipient
	identity   string
	put, get   []string
}

// Put implements action.SecretStore. When it returns, the secret is on disk.
func (s *store) Put(ctx context.Context, name string, secret action.Secret) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", &action.Error{Message: "the secret was not stored", Cause: err}
	}
	file, err := fileName(name)
	if err != nil {
		return "", err
	}
	content, err := s.seal.close(secret)
	if err != nil {
		return "", err
	}
	scheme := "file:"
	if s.seal.sealed() {
		scheme, file = "age:", file+".age"
	}
	folder, err := s.folder()
	if err != nil {
		return "", err
	}
	if err := durable.Folder(folder); err != nil {
		return "", &action.Error{Message: "cannot make the folder for new secrets", Hint: "see `new_secrets` in the environment file", Cause: err}
	}
	root, err := openPrivate(folder)
	if err != nil {
		return "", err
	}
	defer func() { _ = root.Close() }()
	if err := durable.WriteIn(root, file, content, 0o600); err != nil {
		return "", &action.Error{Message: "the secret could not be stored, so nothing was changed", Hint: "make room, or see to the permissions of " + folder, Cause: err}
	}
	return scheme + filepath.Join(folder, file), nil
}

// Get implements action.SecretStore. It reads only what lies in the folder.
func (s *store) Get(ctx context.Context, ref string) (action.Secret, error) {
	if err := ctx.Err(); err != nil {
		return action.Secret{}, &action.Error{Message: "the secret was not read", Cause: err}
	}
	folder, err := s.folder()
	if err != nil {
		return action.Secret{}, err
	}
	scheme, path, ok := strings.Cut(ref, ":")
	ok = ok && (scheme == "file" || scheme == "age")
	file := filepath.Base(path)
	if !ok || filepath.Join(folder, file) != path || strings.HasPrefix(file, ".") {
		return action.Secret{}, &action.Error{
			Message:   "the reference does not lead into the folder for new secrets, " + folder,
			Permanent: true,
		}
	}
	if scheme == "age" {
		return s.seal.open(path)
	}
	return fromFile(path)
}

// openPrivate opens a folder that nobody else may enter.
func openPrivate(folder string) (*os.Root, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, &action.Error{Message: "cannot open the folder for new secrets", Cause: err}
	}
	info, err := root.Stat(".")
	if err == nil && info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		err = &action.Error{
			Message: fmt.Sprintf("the folder for new secrets %s has mode %04o: others on this machine may enter it", folder, info.Mode().Perm()),
			Hint:    "chmod 700 " + folder,
		}
	}
	if err != nil {
		_ = root.Close()
		return nil, err
	}
	return root, nil
}

// fileName makes a file name of any name: what is not a letter, a digit or one
// of -_@. is written as %XX, and a dot at the beginning, too.
func fileName(name string) (string, error) {
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		plain := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_@.", c) >= 0
		if !plain || c == '.' && i == 0 {
			fmt.Fprintf(&b, "%%%02X", c)
			continue
		}
		b.WriteByte(c)
	}
	if b.Len() == 0 || b.Len() > 200 {
		return "", &action.Error{Message: "a secret cannot be stored under this name: it is empty or too long", Permanent: true}
	}
	return b.String(), nil
}
