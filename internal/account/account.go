// Package account tells the name of an account from the number that the kernel
// gives it.
//
// On Linux it asks no C library, whatever irctl was built with, because a
// library that was preloaded into the process would answer in its place:
// /etc/passwd and /etc/group are read here, and what they do not have (LDAP,
// SSSD) is asked of getent, by its own path and with nothing of this process's
// environment. An account that nobody knows goes by its number.
//
// Files, in reading order: account.go, names_linux.go, names_other.go,
// files_unix.go, files_windows.go.
package account

import (
	"os"
	"slices"
	"strconv"
)

// Self is the number of the account as which this process makes files, "" on
// Windows, which has no such numbers.
func Self() string {
	if id := os.Geteuid(); id >= 0 {
		return strconv.Itoa(id)
	}
	return ""
}

// InGroup reports whether this process acts for the group with a number.
func InGroup(id string) bool {
	groups, err := os.Getgroups()
	if err != nil {
		return false
	}
	return slices.ContainsFunc(append(groups, os.Getegid()), func(g int) bool { return strconv.Itoa(g) == id })
}

// Known is what the system knows of an account.
type Known struct {
	Name string // with which it signs in
	Home string // its folder, "" if it has none
}

// Name is what the account with a number is called: its name, or "uid:" and the
// number if nobody knows one. No account's name has a colon in it.
func Name(id string) string {
	if known, ok := Find(id); ok {
		return known.Name
	}
	return "uid:" + id
}

// Group is what the group with a number is called, as [Name] says it.
func Group(id string) string {
	if name, ok := group(id); ok {
		return name
	}
	return "gid:" + id
}
