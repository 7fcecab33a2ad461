package plugin

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"github.com/irctl/irctl/internal/account"
	"github.com/irctl/irctl/pkg/action"
)

// Prefix begins the name of every plugin's file.
const Prefix = "irctl-action-"

// maxProgram is the most bytes that a plugin may have.
const maxProgram = 256 << 20

// NameOf is the NAME of irctl-action-NAME, "" if a file is called otherwise.
func NameOf(path string) string {
	name, ok := strings.CutPrefix(filepath.Base(path), Prefix)
	if !ok || name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		return ""
	}
	return name
}

// UnsafeError is a file or folder through which another account could have its
// own program run.
type UnsafeError struct {
	Path string
	Why  string
}

// Error implements error.
func (e *UnsafeError) Error() string {
	return fmt.Sprintf("%s %s, so another account could change what runs as you", action.CleanLine(e.Path, 200), e.Why)
}

// safe refuses a file that another account could change, or put another in the
// place of: it and each folder above belong to this account or to root, and
// nobody else may write there. Links are followed first. In a folder with the
// sticky bit, as /tmp, others may write, but not rename what is not theirs.
func safe(path string) (real string, err error) {
	if real, err = filepath.EvalSymlinks(path); err != nil {
		return "", err
	}
	if real, err = filepath.Abs(real); err != nil {
		return "", err
	}
	for at, last := real, ""; at != last; at, last = filepath.Dir(at), at {
		info, err := os.Lstat(at)
		if err != nil {
			return "", err
		}
		uid := account.Owner(info)
		switch {
		case uid != account.Self() && uid != "0" && runtime.GOOS != "windows":
			return "", &UnsafeError{at, "belongs to " + account.Name(uid)}
		case account.OthersMayWrite(info) && (at == real || info.Mode()&fs.ModeSticky == 0):
			return "", &UnsafeError{at, fmt.Sprintf("may be written by others (mode %04o)", info.Mode().Perm())}
		}
	}
	return real, nil
}

// program is a plugin whose bytes can no longer change.
type program struct {
	argv   string     // what starts it
	files  []*os.File // that have to be open for it, from descriptor 4 on
	sha256 string
}

func (p *program) close() {
	for _, f := range p.files {
		_ = f.Close()
	}
}

// open makes the program at path ready to run from a copy that is hashed as it
// is made, and that nobody else can change: what is hashed is what runs. The copy
// lies in folder, or nowhere but in memory where the system can run that.
func open(path, folder string) (_ *program, err error) {
	if runtime.GOOS == "windows" {
		return nil, &action.Error{Message: "irctl runs no plugins on Windows", Hint: "use the target types command and http (irctl help environments)", Permanent: true}
	}
	real, err := safe(path)
	if err != nil {
		return nil, err
	}
	from, err := os.OpenFile(real, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a pipe in its place must not hold irctl up
	if err != nil {
		return nil, err
	}
	defer func() { _ = from.Close() }()
	if info, err := from.Stat(); err != nil || !info.Mode().IsRegular() || info.Mode()&0o100 == 0 {
		return nil, cmp.Or(err, error(&fs.PathError{Op: "run", Path: real, Err: errors.New("this is no executable file")}))
	}
	to, err := copyTo(folder, filepath.Base(path))
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = to.Close()
		}
	}()
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(to, sum), io.LimitReader(from, maxProgram+1))
	if err == nil && n > maxProgram {
		err = fmt.Errorf("%s has more than %d MiB", real, maxProgram>>20)
	}
	if err != nil {
		return nil, err
	}
	p := &program{sha256: hex.EncodeToString(sum.Sum(nil))}
	return p, p.seal(to)
}
