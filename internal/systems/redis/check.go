package redis

import (
	"context"
	"strings"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/pkg/action"
)

// needed are the commands that irctl sends.
var needed = [][]string{
	{"ACL", "GETUSER", "x"}, {"ACL", "SETUSER", "x"}, {"ACL", "SAVE"}, {"CLIENT", "LIST"}, {"CLIENT", "KILL", "USER", "x"},
	{"CONFIG", "GET", "aclfile"}, {"CONFIG", "REWRITE"}, {"INFO", "server"},
}

// Preflight says what keeps irctl from acting, on an account if that is not "".
// It changes nothing:
// the server tells what a user may do without doing it (ACL DRYRUN, Redis 7).
func (c *Conn) Preflight(ctx context.Context, account string) []error {
	var problems []error
	for _, command := range needed {
		words := each.Of(append([]string{"ACL", "DRYRUN", c.Admin}, command...), func(w string) any { return w })
		answer, err := c.db.Do(ctx, words...).Text()
		if err == nil && answer != "OK" {
			name := strings.Join(command[:min(2, len(command))], " ")
			problems = append(problems, &action.Error{
				Message:   action.CleanLine(c.Admin, 60) + " may not use " + name + " on " + c.Name,
				Hint:      "permit it: ACL SETUSER " + action.CleanLine(c.Admin, 60) + " +" + permission(command) + ", then ACL SAVE, or CONFIG REWRITE where there is no aclfile",
				Permanent: true,
			})
		}
	}
	if len(problems) > 0 {
		return problems
	}
	switch kept, err := c.keptIn(ctx); {
	case err != nil:
		problems = append(problems, err)
	case kept == "":
		problems = append(problems, &action.Error{
			Message: c.Name + " has neither an aclfile nor a configuration file, so that a restart brings old passwords back",
			Hint:    "start it with an aclfile",
		})
	}
	if open, _, err := c.Open(ctx, account); err != nil {
		problems = append(problems, err)
	} else if len(open) > 0 {
		problems = append(problems, &action.Error{
			Message: c.Name + " lets everybody in with " + open[0] + ", whoever is off", Permanent: true,
			Hint: "give the user default a password, or switch it off",
		})
	}
	if account != "" {
		if _, err := c.User(ctx, account); err != nil {
			problems = append(problems, err)
		}
	}
	return problems
}

// permission is how the ACL writes a command: info, or acl|getuser.
func permission(command []string) string {
	if command[0] == "INFO" {
		return "info"
	}
	return strings.ToLower(command[0] + "|" + command[1])
}
