package account

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"time"
)

// getent asks every source of accounts that nsswitch.conf(5) names.
const getent = "/usr/bin/getent"

// patience is how long a server of accounts may take.
const patience = 10 * time.Second

// Find returns what the system knows of the account with a number.
func Find(id string) (Known, bool) {
	// name:password:number:group:comment:home:shell, passwd(5)
	f, ok := entry("passwd", id, 6)
	if !ok {
		return Known{}, false
	}
	return Known{Name: f[0], Home: f[5]}, true
}

func group(id string) (string, bool) {
	f, ok := entry("group", id, 3) // name:password:number:members, group(5)
	if !ok {
		return "", false
	}
	return f[0], true
}

// entry returns the fields of the first line about a number, at least so many.
func entry(database, id string, least int) ([]string, bool) {
	file, _ := os.ReadFile("/etc/" + database) // what it does not have others may have
	if f, ok := find(string(file), id, least); ok {
		return f, true
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, getent, database, id)
	cmd.Env = []string{} // nil would be all that this process has
	said, _ := cmd.Output()
	return find(string(said), id, least)
}

func find(text, id string, least int) ([]string, bool) {
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), ":")
		if len(f) >= least && f[2] == id && f[0] != "" {
			return f, true
		}
	}
	return nil, false
}
