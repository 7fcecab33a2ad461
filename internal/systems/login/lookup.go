package login

import (
	"context"
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/pkg/action"
)

// user is an account of a machine, as its name service has it.
type user struct {
	name string
	uid  int
	home string
}

// accountName is what useradd(8) permits, and capitals and dots besides.
var accountName = pattern.Late(`^[A-Za-z_][A-Za-z0-9_.-]{0,63}\$?$`)

// lookUp finds an account of a machine.
func lookUp(ctx context.Context, h *host.Host, account string) (user, error) {
	unknown := &action.Error{
		Message: "there is no account " + action.CleanLine(account, 60) + " on " + h.String(),
		Hint:    "check the spelling", Permanent: true,
	}
	if !accountName().MatchString(account) {
		return user{}, unknown
	}
	const missing = 2 // getent(1), EXIT STATUS
	res, err := h.Run(ctx, process.Command{Argv: []string{"getent", "passwd", account}, Success: []int{0, missing}}, nil)
	if err != nil {
		return user{}, host.Certain(err)
	}
	f := strings.Split(strings.TrimSpace(res.Stdout), ":") // passwd(5)
	if res.ExitCode == missing || len(f) != 7 || f[0] != account {
		return user{}, unknown
	}
	uid, err := strconv.Atoi(f[2])
	if err != nil {
		return user{}, unknown
	}
	return user{account, uid, f[5]}, nil
}
