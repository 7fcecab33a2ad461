package login

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/irctl/irctl/pkg/action"
)

// key is a public key as files and the protocol have it, "" for none: its
// bytes (RFC 4253 section 6.6), whatever stands around it in a file.
type key string

func (k key) public() (ssh.PublicKey, error) { return ssh.ParsePublicKey([]byte(k)) }

// keyIn is the key that a line of authorized_keys or RevokedKeys holds.
func keyIn(line string) key {
	text := strings.TrimSpace(line)
	if text == "" || text[0] == '#' {
		return ""
	}
	pub, _, _, _, err := ssh.ParseAuthorizedKey([]byte(text))
	if err != nil {
		return ""
	}
	return key(pub.Marshal())
}

// bare is a key as a line that says nothing else but why it is there.
func (k key) bare(why string) string {
	pub, err := k.public()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(pub))) + " " + why + "\n"
}

// keysIn are the keys of a file, each once.
func keysIn(text string) []key {
	var out []key
	seen := map[key]bool{}
	for line := range strings.Lines(text) {
		if k := keyIn(line); k != "" && !seen[k] {
			seen[k] = true
			out = append(out, k)
		}
	}
	return out
}

// without is a text without the lines that hold one of the keys.
func without(text string, keys map[key]bool) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !keys[keyIn(line)] {
			b.WriteString(line)
		}
	}
	return b.String()
}

// only are the lines that hold one of the keys.
func only(text string, keys map[key]bool) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if keys[keyIn(line)] {
			b.WriteString(strings.TrimSuffix(line, "\n") + "\n")
		}
	}
	return b.String()
}

// with is a text and more lines after it, on lines of their own.
func with(text, more string) string {
	if text != "" && !strings.HasSuffix(text, "\n") && more != "" {
		text += "\n"
	}
	return text + more
}

func set(keys []key) map[key]bool {
	out := map[key]bool{}
	for _, k := range keys {
		out[k] = true
	}
	return out
}

// authorizedFile is one of the files from which keys of an account come.
type authorizedFile struct{ path, text string }

// authorized reads the files that are there.
func (k *Keys) authorized(ctx context.Context, s server) (files []authorizedFile, keys []key, err error) {
	all := ""
	for _, path := range s.authorized {
		b, err := k.h.ReadFile(ctx, path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		files = append(files, authorizedFile{path, string(b)})
		all = with(all, string(b))
	}
	return files, keysIn(all), nil
}

// revoked reads the file of revoked keys.
func (k *Keys) revoked(ctx context.Context, s server) (string, error) {
	b, err := k.h.ReadFile(ctx, s.revoked)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		// sshd_config(5), RevokedKeys.
		return "", &action.Error{Message: "the file of revoked keys " + action.CleanLine(s.revoked, 200) + " is not there, so that the server refuses every key", Hint: "make it, empty", Permanent: true}
	case err != nil:
		return "", err
	case bytes.HasPrefix(b, []byte("SSHKRL\n\x00")): // OpenSSH's PROTOCOL.krl
		return "", &action.Error{Message: action.CleanLine(s.revoked, 200) + " is a key revocation list in OpenSSH's own form, which irctl does not write", Hint: "use a target of type command that runs ssh-keygen -k -u for it, or name a file of plain keys as RevokedKeys", Permanent: true}
	}
	return string(b), nil
}

// editRevoked makes of the file of revoked keys what edit does; edit may be
// called again.
func (k *Keys) editRevoked(ctx context.Context, s server, edit func(text string) string) error {
	return k.h.Edit(ctx, s.revoked, 0o644, func(now []byte) ([]byte, error) { return []byte(edit(string(now))), nil })
}
