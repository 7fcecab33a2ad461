// Package bundle makes folders of files for others, which coreutils and OpenSSH
// check: sha256sum -c SHA256SUMS, and ssh-keygen -Y verify of SHA256SUMS.sig.
//
// [Create] begins one, [Bundle.Add] puts files in, and [Bundle.Close] writes the
// digests of all, has a key sign them, and gives the folder its name: it is
// there whole or not at all, and nothing that was there is replaced. A Bundle is
// for one goroutine. It knows nothing of runs.
package bundle

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/irctl/irctl/internal/durable"
	"github.com/irctl/irctl/internal/sshsig"
)

// The files by which a bundle is checked.
const (
	Sums      = "SHA256SUMS"
	Signature = Sums + ".sig"
	Allowed   = "allowed_signers"
	ReadMe    = "README.txt"
)

// Signed is whoever is named as the signer; ssh-keygen asks for a name.
const Signed = "evidence"

// ErrThere says that there is something already where a bundle is to be.
var ErrThere = errors.New("it is there already; name a new folder: nothing is ever overwritten")

// Bundle is a folder that is being filled.
type Bundle struct {
	to, draft string
	root      *os.Root
	digests   map[string]string
}

// Create begins a bundle, which will be the folder to.
func Create(to string) (*Bundle, error) {
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(err, fmt.Errorf("cannot write %s: %w", to, ErrThere))
	}
	draft, err := durable.Draft(filepath.Dir(to))
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(draft)
	if err != nil {
		return nil, errors.Join(err, os.Remove(draft))
	}
	return &Bundle{to, draft, root, map[string]string{}}, nil
}

// Discard removes what was written, unless the bundle was closed.
func (b *Bundle) Discard() {
	_ = b.root.Close()
	_ = os.RemoveAll(b.draft)
}

// Add copies what is read into a new file, hashing it on the way, and returns
// the SHA-256. The name has slashes, and must be made of what [Name] returns.
// It ends when the context does.
func (b *Bundle) Add(ctx context.Context, name string, from io.Reader) (digest string, size int64, err error) {
	if strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) || r == '\\' || r == unicode.ReplacementChar }) {
		return "", 0, fmt.Errorf("%q is no name for a file that others check: it would be other lines of the list of digests", name)
	}
	if err := b.folder(name); err != nil {
		return "", 0, err
	}
	f, err := b.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", 0, err
	}
	h := sha256.New()
	size, err = io.Copy(io.MultiWriter(f, h), durable.Until(ctx, from))
	if err == nil {
		err = f.Sync()
	}
	digest = hex.EncodeToString(h.Sum(nil))
	b.digests[name] = digest
	return digest, size, errors.Join(err, f.Close())
}

// Again gives a file of the bundle another name, without a copy where the disk
// can do that.
func (b *Bundle) Again(ctx context.Context, name, of string) error {
	if err := b.folder(name); err != nil {
		return err
	}
	if b.root.Link(of, name) == nil {
		b.digests[name] = b.digests[of]
		return nil
	}
	f, err := b.root.Open(of)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	_, _, err = b.Add(ctx, name, f)
	return err
}

// Remove takes a file out again.
func (b *Bundle) Remove(name string) error {
	delete(b.digests, name)
	return b.root.Remove(name)
}

func (b *Bundle) folder(name string) error { return b.root.MkdirAll(path.Dir(name), 0o700) }

// Draft is the path under which a part of the bundle can be read before it is
// closed.
func (b *Bundle) Draft(name string) string { return filepath.Join(b.draft, filepath.FromSlash(name)) }

// Close writes what checks the bundle, signed unless there is no signer, and
// gives it its name. about is what the README says of it, before how to check it.
func (b *Bundle) Close(ctx context.Context, about string, signer sshsig.Signer) error {
	checked := howUnsigned
	if signer != nil {
		checked = fmt.Sprintf(howSigned, Signed, sshsig.Evidence, signer.Key().Fingerprint())
		line := fmt.Sprintf("%s namespaces=%q %s\n", Signed, sshsig.Evidence, signer.Key())
		if _, _, err := b.Add(ctx, Allowed, strings.NewReader(line)); err != nil {
			return err
		}
	}
	if _, _, err := b.Add(ctx, ReadMe, strings.NewReader(about+"\n"+how+checked)); err != nil {
		return err
	}
	var sums strings.Builder
	for _, name := range slices.Sorted(maps.Keys(b.digests)) {
		sums.WriteString(b.digests[name] + "  " + name + "\n")
	}
	if _, _, err := b.Add(ctx, Sums, strings.NewReader(sums.String())); err != nil {
		return err
	}
	if signer != nil {
		sig, err := signer.Sign(ctx, sshsig.Evidence, []byte(sums.String()))
		if err == nil {
			_, _, err = b.Add(ctx, Signature, strings.NewReader(sig))
		}
		if err != nil {
			return fmt.Errorf("the bundle could not be signed: %w", err)
		}
	}
	if _, err := os.Lstat(b.to); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, fmt.Errorf("cannot write %s: %w", b.to, ErrThere))
	}
	err := errors.Join(b.root.Close(), os.Rename(b.draft, b.to))
	if err == nil {
		err = durable.Sync(filepath.Dir(b.to))
	}
	return err
}

const (
	how = `How to check it, with nothing but coreutils and OpenSSH, in this folder:

  sha256sum -c --strict SHA256SUMS
      every line must end with OK; a file that is in no line is not part of it
`
	howUnsigned = `
It is NOT signed: nobody's key vouches for SHA256SUMS. Whoever could change a
file could change that list too, unless you were given its SHA-256 another way.
`
	howSigned = `  ssh-keygen -Y verify -f allowed_signers -I %s -n %s \
      -s SHA256SUMS.sig < SHA256SUMS
      it must say: Good "irctl-evidence@v1" signature

Whose key that is, this folder cannot prove. Ask the signer, on another way than
the one by which you got this, whether it is:

  %s
`
)

// Name makes a name for a file of what somebody called it: it leads nowhere,
// needs no quoting, and no system refuses it behind a prefix.
func Name(wanted string) string {
	name := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._-+@", r) {
			return r
		}
		return '_'
	}, strings.ToValidUTF8(wanted, "_"))
	name = strings.TrimRight(strings.TrimLeft(name, ".-"), ".")
	if r := []rune(name); len(r) > 50 { // at most 200 bytes, and the ending stays
		name = strings.TrimLeft(string(r[len(r)-50:]), ".-")
	}
	if name == "" {
		return "unnamed"
	}
	return name
}
