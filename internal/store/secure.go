package store

import (
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/irctl/irctl/internal/account"
)

// secure refuses to have runs where another account could change them, and to
// carry out another account's plan. The root of a store and what is named below
// it must belong to this account, and nobody else may write there. Every folder
// above must belong to this account or to root, and others may write there only
// if they cannot rename what is not theirs, as in /tmp. What does not exist yet
// is left out. No mode is changed: who may write in a folder was decided by
// somebody, for some reason.
func secure(fsys FS, root string, below ...string) error {
	for _, dir := range append([]string{root}, below...) {
		info, err := fsys.Stat(dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		unsafe := &UnsafeError{Folder: dir, Mode: info.Mode()}
		almost := dir == root && info.Mode().Perm()&0o020 != 0 && account.OthersMayWrite(info)
		if almost {
			unsafe.Share = makeShared(root, account.Group(groupOf(info)))
		}
		switch uid := account.Owner(info); {
		case uid != self() && (!almost || uid != rootAccount):
			return accountError(dir, uid)
		case account.OthersMayWrite(info):
			return unsafe
		}
	}
	return secureAbove(fsys, root)
}

// secureAbove looks at the folders above one that may not exist yet.
func secureAbove(fsys FS, dir string) error {
	known, missing := dir, ""
	for {
		_, err := fsys.Stat(known)
		if !errors.Is(err, fs.ErrNotExist) || filepath.Dir(known) == known {
			break
		}
		known, missing = filepath.Dir(known), "missing"
	}
	real, err := filepath.EvalSymlinks(known)
	if err != nil {
		return err
	}
	real = filepath.Join(real, missing)
	for parent := filepath.Dir(real); parent != real; real, parent = parent, filepath.Dir(parent) {
		info, err := fsys.Stat(parent)
		if err != nil {
			return err
		}
		switch uid := account.Owner(info); {
		case uid != self() && uid != rootAccount:
			return accountError(parent, uid)
		case account.OthersMayWrite(info) && info.Mode()&fs.ModeSticky == 0:
			return &UnsafeError{Folder: parent, Mode: info.Mode()}
		}
	}
	return nil
}

func accountError(dir, owner string) error {
	return &AccountError{Folder: dir, Owner: accountName(owner), Self: accountName(self())}
}

// accountName is what people call the account with a number.
func accountName(uid string) string {
	if known, ok := account.Find(uid); ok {
		return known.Name
	}
	return "account " + uid
}
