//go:build !linux

package account

import (
	"os/user"
	"strings"
)

// Find returns what the system knows of the account with a number. Windows has
// no numbers: "" is the account of this process, without its domain.
func Find(id string) (Known, bool) {
	u, err := user.LookupId(id)
	if id == "" || id == Self() {
		u, err = user.Current()
	}
	if err != nil {
		return Known{}, false
	}
	return Known{Name: u.Username[strings.LastIndex(u.Username, `\`)+1:], Home: u.HomeDir}, true
}

func group(id string) (string, bool) {
	g, err := user.LookupGroupId(id)
	if err != nil {
		return "", false
	}
	return g.Name, true
}
