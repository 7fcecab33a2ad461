package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/account"
)

// A home is one account's, or it is shared by a group. An administrator makes a
// shared one: its folders belong to root and to the group, whose members may add
// to them and take away what is their own (setgid and sticky bits). A run in it
// belongs to the account that started it, which alone drives it; the others of
// the group read it and leave requests.
const sharedMode = fs.ModeDir | fs.ModeSetgid | fs.ModeSticky | 0o770

// Modes of what a run in a shared home consists of. What is not named here stays
// its owner's: the secret that signs, the lock, the folder that actions work in.
const (
	lentFolder = fs.ModeSetgid | 0o750
	lentInbox  = fs.ModeSetgid | fs.ModeSticky | 0o770
	lentFile   = fs.FileMode(0o640)
	// driverLockName is what the driver of a run in a shared home locks: others
	// may read the journal, and whoever may read a file may lock it.
	driverLockName = "driver.lock"
)

// shareable reports whether a folder is of the form of a shared home, and the
// number of its group.
func shareable(info fs.FileInfo) (group string, ok bool) {
	const bits = fs.ModeType | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky | fs.ModePerm
	return groupOf(info), info.Mode()&bits == sharedMode && account.Owner(info) == rootAccount && rootAccount != ""
}

// group is the number of the group that shares the home, "" if none does.
func (s *Store) group() string {
	if info, err := s.fs.Stat(s.root); err == nil {
		if group, ok := shareable(info); ok {
			return group
		}
	}
	return ""
}

// Shared reports whether a group shares the home.
func (s *Store) Shared() bool { return s.group() != "" }

// makeShared is the command by which an administrator makes a shared home.
func makeShared(root, group string) string {
	return "sudo install -d -o root -g " + group + " -m 3770 " + root + " " + filepath.Join(root, runsName) + " " + filepath.Join(root, archivesName)
}

// safe refuses to have runs where an account could change those of another, and
// to carry out another account's plan. It looks at the home, the folder of the
// runs, and folders of runs.
func (s *Store) safe(runs ...string) error {
	group := s.group()
	if group == "" {
		return secure(s.fs, s.root, append([]string{s.runs()}, runs...)...)
	}
	if err := s.safeShared(group); err != nil {
		return err
	}
	for _, dir := range runs {
		if err := safeLent(s.fs, dir); err != nil {
			return err
		}
	}
	return secureAbove(s.fs, s.root)
}

func (s *Store) safeShared(group string) error {
	if !member(group) {
		return &MemberError{Folder: s.root, Group: account.Group(group), Self: accountName(self())}
	}
	if hardLinks() {
		return &SharedError{s.root, "any account can give files of others a second name on this machine", "sudo sysctl -w fs.protected_hardlinks=1"}
	}
	for _, dir := range []string{s.runs(), filepath.Join(s.root, archivesName)} {
		info, err := s.fs.Lstat(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if same, ok := "", false; err == nil {
			if same, ok = shareable(info); ok && same == group {
				continue
			}
		}
		return &SharedError{s.root, dir + " is not as a shared home has it: root's, with setgid and sticky bits, for the same group", makeShared(s.root, account.Group(group))}
	}
	return nil
}

// safeLent looks at the folder of a run in a shared home.
func safeLent(fsys FS, dir string) error {
	for _, part := range []struct {
		name string
		mode fs.FileMode
	}{{"", lentFolder}, {inboxName, lentInbox}, {repliesName, lentFolder}, {artifactsName, lentFolder}, {workName, 0o700}} {
		at := filepath.Join(dir, part.name)
		info, err := fsys.Lstat(at)
		if errors.Is(err, fs.ErrNotExist) {
			continue // who reads from it says so
		}
		if err != nil {
			return err
		}
		switch uid := account.Owner(info); {
		case uid != self():
			return &AccountError{Folder: at, Owner: accountName(uid), Self: accountName(self()), Run: filepath.Base(dir)}
		case !info.IsDir():
			return errors.New(at + " is not a folder")
		case info.Mode().Perm()&^part.mode != 0 || info.Mode().Perm()&0o020 != 0 && info.Mode()&fs.ModeSticky == 0:
			return &UnsafeError{Folder: at, Mode: info.Mode()}
		}
	}
	return nil
}

// lend lets the group of a shared home read a run that was made in a folder, and
// leave requests in it. In any other home it does nothing.
func (s *Store) lend(dir string) error {
	if !s.Shared() {
		return nil
	}
	if err := write(s.fs, filepath.Join(dir, driverLockName), nil, true); err != nil {
		return err
	}
	for _, part := range []struct {
		name string
		mode fs.FileMode
	}{{workName, 0o700}, {inboxName, lentInbox}, {repliesName, lentFolder}, {artifactsName, lentFolder}} {
		if err := s.fs.Chmod(filepath.Join(dir, part.name), part.mode); err != nil {
			return err
		}
	}
	for _, folder := range []string{artifactsName, ""} {
		entries, err := s.fs.ReadDir(filepath.Join(dir, folder))
		if err != nil {
			return err
		}
		for _, e := range entries {
			if !e.Type().IsRegular() || folder == "" && !lent(e.Name()) {
				continue
			}
			if err := s.fs.Chmod(filepath.Join(dir, folder, e.Name()), lentFile); err != nil {
				return err
			}
		}
	}
	return s.fs.Chmod(dir, lentFolder)
}

// lent reports whether a file of a run is for everybody of the group. Whatever is
// not known to be stays its owner's.
func lent(name string) bool {
	return slices.Contains([]string{journalName, headName, runbookName, planName, environmentName, placeName, ownerName}, name) ||
		strings.HasPrefix(name, documentPrefix) || strings.HasPrefix(name, "tail-") || strings.HasPrefix(name, receiptName)
}

// FileMode is the mode of a file that others of the home may read.
func (s *Store) FileMode() fs.FileMode {
	if s.Shared() {
		return lentFile
	}
	return fileMode
}

// Lent is the name of the other account of the group that shares the home to which
// a run belongs, which alone drives it; "" if the run is this account's.
func (s *Store) Lent(id string) string { return s.foreign(s.Folder(id)) }

// ArchiveOf is Lent for the archive of a run.
func (s *Store) ArchiveOf(id string) string { return s.foreign(s.Archive(id)) }

// belongs is the name of the account to which something in a shared home belongs, ""
// if the home is not shared or nobody can tell.
func (s *Store) belongs(name string) string {
	info, err := s.fs.Lstat(name)
	if err != nil || !s.Shared() {
		return ""
	}
	return account.Name(account.Owner(info))
}

// Own is the path of a folder in the home that each of the accounts that share one
// has for itself. The error is for one that another account put there.
func (s *Store) Own(name string) (string, error) {
	path := filepath.Join(s.root, s.perAccount(name))
	if by := s.foreign(path); by != "" {
		return "", fmt.Errorf("%s is to be a folder of %s, and %s put something there: have %s or an administrator take it away", path, accountName(self()), by, by)
	}
	return path, nil
}

// foreign is the name of the other account to which something in a shared home
// belongs, "" if it is this one's or the home is.
func (s *Store) foreign(name string) string {
	info, err := s.fs.Lstat(name)
	if err != nil || account.Owner(info) == self() {
		return ""
	}
	return s.belongs(name)
}

// denied says of a shared home that this account may not even look into whom it is
// for, or what is wrong with it.
func (s *Store) denied(err error) error {
	if group := s.group(); errors.Is(err, fs.ErrPermission) && group != "" {
		if why := s.safeShared(group); why != nil {
			return why
		}
	}
	return err
}

// member reports whether this process may act for a group.
func member(group string) bool {
	return self() == rootAccount || account.InGroup(group)
}

// hardLinks reports whether this machine lets accounts give second names to
// files that are not theirs, so that what somebody asked for could be asked again
// by somebody else.
func hardLinks() bool {
	setting, err := os.ReadFile("/proc/sys/fs/protected_hardlinks")
	return err == nil && strings.TrimSpace(string(setting)) == "0"
}
