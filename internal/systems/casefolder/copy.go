package casefolder

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/durable"
	"github.com/irctl/irctl/internal/sent"
	"github.com/irctl/irctl/pkg/action"
)

// maxUnsized is the most that is read from a file that claims to be empty, as
// those of /proc do, so that collecting ends.
const maxUnsized = 64 << 20

// TakeFile copies a regular file into the collection. A symbolic link is
// refused, because whoever can place it would choose what is collected. Of a
// file that grows meanwhile, as much is taken as there was at the beginning.
func (col *Collection) TakeFile(ctx context.Context, source string, at time.Time) (err error) {
	source, err = filepath.Abs(source)
	if err != nil {
		return err
	}
	f, info, err := openRegular(source)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	modified := info.ModTime().UTC()
	item := Item{Kind: "file", Source: source, Modified: &modified, Collected: at}
	limit := info.Size()
	limit = cmp.Or(limit, maxUnsized)
	more := func() {
		if n, _ := f.Read(make([]byte, 1)); n > 0 {
			item.Note = fmt.Sprintf("the file was growing; its first %d bytes were taken", limit)
		}
	}
	return col.take(ctx, &item, filepath.Base(source), io.LimitReader(f, limit), more)
}

// Take copies what r holds into the collection under a name like the wanted one.
func (col *Collection) Take(ctx context.Context, item Item, wanted string, r io.Reader) error {
	return col.take(ctx, &item, wanted, r, func() {})
}

// take copies to a draft, hashing on the way, and gives it its name when it is
// whole and on the disk; then the manifest says so. A crash leaves at most a
// draft, or a file that the manifest does not list: never half a listed one.
func (col *Collection) take(ctx context.Context, item *Item, wanted string, r io.Reader, after func()) (err error) {
	name, err := col.free(wanted)
	if err != nil {
		return err
	}
	sent.Say(ctx, "this machine: copy "+item.Source+" to "+filepath.Join(col.Folder(), name))
	hash := sha256.New()
	item.Size, err = durable.CopyIn(col.root, name, io.TeeReader(durable.Until(ctx, r), hash), 0o600)
	if err != nil {
		return &action.Error{Message: "could not copy " + shown(item.Source), Hint: "check that it can be read and that the case folder's disk has room", Cause: err}
	}
	after()
	item.File, item.SHA256, item.Run = name, hex.EncodeToString(hash.Sum(nil)), col.m.Run
	col.m.Items = append(col.m.Items, *item)
	return col.save()
}

// openRegular opens a regular file and makes sure that what was looked at is
// what was opened.
func openRegular(source string) (*os.File, fs.FileInfo, error) {
	seen, err := os.Lstat(source)
	if err != nil {
		return nil, nil, &action.Error{Message: "could not collect " + shown(source), Hint: "check the path and the permissions", Cause: err}
	}
	refuse := func(what string) (*os.File, fs.FileInfo, error) {
		return nil, nil, &action.Error{
			Message:   fmt.Sprintf("%s is %s, not a regular file", shown(source), what),
			Hint:      "name the file itself; for a folder or a device collect the output of a command",
			Permanent: true,
		}
	}
	switch {
	case seen.Mode()&fs.ModeSymlink != 0:
		return refuse("a symbolic link")
	case seen.IsDir():
		return refuse("a folder")
	case !seen.Mode().IsRegular():
		return refuse("a device, socket or pipe")
	}
	f, err := os.Open(source)
	if err != nil {
		return nil, nil, &action.Error{Message: "could not collect " + shown(source), Hint: "check the permissions", Cause: err}
	}
	info, err := f.Stat()
	if err != nil || !os.SameFile(seen, info) {
		_ = f.Close()
		return refuse("being replaced")
	}
	return f, info, nil
}

// free returns a name that is safe on every system and not taken.
func (col *Collection) free(wanted string) (string, error) {
	safe := safeName(wanted)
	ext := filepath.Ext(safe)
	stem := strings.TrimSuffix(safe, ext)
	for n := 1; ; n++ {
		name := numbered(stem, ext, n)
		if strings.EqualFold(name, manifestFile) {
			continue
		}
		_, err := col.root.Lstat(name)
		if errors.Is(err, fs.ErrNotExist) {
			return name, nil
		}
		if err != nil {
			return "", unwritable(col.c.Folder(), err)
		}
	}
}

// safeName keeps letters, digits and a few signs of a name, so that it can
// neither leave the folder nor need escaping in SHA256SUMS.
func safeName(wanted string) string {
	var b strings.Builder
	for _, r := range wanted {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-', r == '_', r == '+', r == '@':
			b.WriteRune(r)
		default:
			b.WriteByte('_')
		}
	}
	name := strings.TrimLeft(b.String(), ".-")
	if len(name) > 100 {
		name = name[len(name)-100:]
		name = strings.TrimLeft(name, ".-")
	}
	name = strings.TrimRight(name, ".")
	if name == "" {
		return "unnamed"
	}
	return name
}

func shown(source string) string { return action.CleanLine(source, 120) }
