package redis

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	redis "github.com/redis/go-redis/v9"

	"github.com/irctl/irctl/pkg/action"
)

// User is what the server knows of an account. With NoPass it takes any
// password; Idle says that it may do nothing.
type User struct{ On, NoPass, Idle bool }

// User looks for an account. The user that irctl signs in as is refused: irctl
// would lock itself out.
func (c *Conn) User(ctx context.Context, account string) (User, error) {
	fields, err := c.db.Do(ctx, "ACL", "GETUSER", account).Slice()
	switch {
	case errors.Is(err, redis.Nil):
		return User{}, c.Missing("user", account)
	case err != nil:
		return User{}, c.Problem("could not look for the user "+action.CleanLine(account, 60), err)
	}
	if err := c.NotOneself("user", account); err != nil {
		return User{}, err
	}
	return readUser(fields)
}

// readUser reads the answer to ACL GETUSER: names and values in turn, of which
// flags is a list.
func readUser(fields []any) (User, error) {
	var u User
	read := false
	for i := 0; i+1 < len(fields); i += 2 {
		switch flags, ok := fields[i+1].([]any); {
		case fields[i] == "flags" && ok:
			read, u.On, u.NoPass = true, slices.Contains(flags, any("on")), slices.Contains(flags, any("nopass"))
		case fields[i] == "commands":
			u.Idle = fields[i+1] == "-@all"
		}
	}
	if read {
		return u, nil
	}
	return User{}, &action.Error{Message: "what the server says of its user cannot be read", Hint: "check that it is Redis 6.2 or later", Permanent: true}
}

// Find looks for an account, and says whether it is off.
func (c *Conn) Find(ctx context.Context, account string) (disabled bool, err error) {
	u, err := c.User(ctx, account)
	return !u.On, err
}

// Open names the ways in that stay when a user is off: whoever does not sign in
// is the user default (ACL, "The default user").
func (c *Conn) Open(ctx context.Context, _ string) (free []string, note string, err error) {
	fields, err := c.db.Do(ctx, "ACL", "GETUSER", "default").Slice()
	if err != nil {
		return nil, "", c.Problem("could not look whether the server asks for a password", err)
	}
	u, err := readUser(fields)
	if err != nil || !u.On || !u.NoPass || u.Idle {
		return nil, "", err
	}
	return []string{"no password at all, as the user default (set one: ACL SETUSER default)"}, "", nil
}

// SetCredential puts one password in the place of all that a user has, and
// takes from it that any is accepted (nopass). What it may do stays as it is.
// The server gets the hash, as it would keep it.
func (c *Conn) SetCredential(ctx context.Context, account string, password action.Secret) error {
	hash := fmt.Sprintf("#%x", sha256.Sum256([]byte(password.Reveal())))
	if err := c.db.ACLSetUser(ctx, account, "resetpass", hash).Err(); err != nil {
		return c.Changing("could not replace the password of "+action.CleanLine(account, 60), err)
	}
	return nil
}

// SetOn switches a user on or off, and saves that. Its connections stay open.
func (c *Conn) SetOn(ctx context.Context, account string, on bool) error {
	word := "off"
	if on {
		word = "on"
	}
	if err := c.db.ACLSetUser(ctx, account, word).Err(); err != nil {
		return c.Changing("could not switch "+action.CleanLine(account, 60)+" "+word, err)
	}
	_, err := c.Save(ctx)
	return err
}

// Save writes the server's users to where it reads them from when it starts:
// its aclfile, or else its configuration. It returns what people have to know
// if there is neither.
func (c *Conn) Save(ctx context.Context) (note string, err error) {
	kept, err := c.keptIn(ctx)
	switch {
	case err != nil:
		return "", err
	case kept == "":
		return "a restart of the server brings the old state back: it has neither an aclfile nor a configuration file", nil
	case kept == inACL:
		err = c.db.Do(ctx, "ACL", "SAVE").Err()
	default:
		err = c.db.ConfigRewrite(ctx).Err()
	}
	if err != nil {
		return "", c.Changing("the change took effect, but could not be saved, so that a restart would bring the old state back,", err)
	}
	return "", nil
}

// Where a server may keep its users.
const (
	inACL    = "aclfile"
	inConfig = "configuration"
)

func (c *Conn) keptIn(ctx context.Context) (string, error) {
	values, err := c.db.ConfigGet(ctx, "aclfile").Result()
	if err != nil {
		return "", c.Problem("could not look where the users are kept", err)
	}
	if values["aclfile"] != "" {
		return inACL, nil
	}
	info, err := c.db.Info(ctx, "server").Result()
	if err != nil {
		return "", c.Problem("could not look where the users are kept", err)
	}
	for line := range strings.Lines(info) {
		if file, ok := strings.CutPrefix(strings.TrimSpace(line), "config_file:"); ok && file != "" {
			return inConfig, nil
		}
	}
	return "", nil
}

// Sessions counts the connections of a user.
func (c *Conn) Sessions(ctx context.Context, account string) (int, error) {
	if _, err := c.User(ctx, account); err != nil {
		return 0, err
	}
	list, err := c.db.ClientList(ctx).Result()
	if err != nil {
		return 0, c.Problem("could not count the connections of "+action.CleanLine(account, 60), err)
	}
	return count(list, account), nil
}

// count reads the answer to CLIENT LIST: a line for each connection, words of
// the form name=value. The names of users hold no spaces.
func count(list, account string) int {
	n := 0
	for line := range strings.Lines(list) {
		if slices.Contains(strings.Fields(line), "user="+account) {
			n++
		}
	}
	return n
}

// EndSessions closes the connections of a user. They are gone when it returns.
func (c *Conn) EndSessions(ctx context.Context, account string) (int, error) {
	if _, err := c.User(ctx, account); err != nil {
		return 0, err
	}
	n, err := c.db.ClientKillByFilter(ctx, "USER", account).Result()
	if err != nil {
		return 0, c.Changing("could not end the connections of "+action.CleanLine(account, 60), err)
	}
	return int(n), nil
}

// Settle saves the new password, and ends what was opened with the old one. A
// user that is off stays so: a new password does not change that.
func (c *Conn) Settle(ctx context.Context, account string, _ bool) (string, error) {
	warning, err := c.Save(ctx)
	if err != nil {
		return "", err
	}
	n, err := c.EndSessions(ctx, account)
	if err != nil {
		return "", err
	}
	note := fmt.Sprintf("connections ended: %d", n)
	if warning != "" {
		note += "; " + warning
	}
	return note, nil
}
