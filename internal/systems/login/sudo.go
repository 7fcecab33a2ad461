package login

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/pkg/action"
)

// sudoers prints the rules of sudo as JSON, with what they include and without
// aliases (cvtsudoers(1)); nothing on a machine without sudo.
const sudoers = `[ ! -e /etc/sudoers ] || exec cvtsudoers -e -f json /etc/sudoers`

// Sudoers names, as a part of a sentence, whom sudo lets act as an account that
// is disabled: sudo asks whether they have expired, not whether it has. Rules that
// a directory keeps are not looked at.
func (u *Users) Sudoers(ctx context.Context, account string) (string, error) {
	who, err := lookUp(ctx, u.h, account)
	if err != nil {
		return "", err
	}
	const failed, missing = 1, 127
	res, err := u.h.Run(ctx, process.Command{Argv: []string{"sh", "-c", sudoers}, Name: "cvtsudoers", Success: []int{0, failed, missing}, Max: 8 << 20}, nil)
	if err != nil {
		return "", host.Certain(err)
	}
	names, ok := mayActAs(res.Stdout, who)
	switch {
	case !ok || res.ExitCode != 0:
		return "; whom sudo lets act as it could not be looked at (cvtsudoers)", nil
	case len(names) == 0:
		return "", nil
	}
	return "; " + action.CleanLine(strings.Join(names, ", "), 200) + " may still act as it by sudo", nil
}

// member is one of a list of sudoers(5).
type member struct {
	Name    string `json:"username"`
	ID      *int   `json:"userid"`
	Group   string `json:"usergroup"`
	Other   string `json:"netgroup"`
	Negated bool   `json:"negated"`
}

func (m member) String() string {
	switch {
	case m.Group != "":
		return "%" + m.Group
	case m.Other != "":
		return "+" + m.Other
	}
	return m.Name
}

// mayActAs reads the users and groups, but for root, of the rules that name an
// account, its number, everybody, or a group, of which it may be one.
func mayActAs(text string, who user) (names []string, ok bool) {
	var policy struct {
		Rules []struct {
			Users []member `json:"User_List"`
			Specs []struct {
				As []member `json:"runasusers"`
			} `json:"Cmnd_Specs"`
		} `json:"User_Specs"`
	}
	if text != "" && json.Unmarshal([]byte(text), &policy) != nil {
		return nil, false
	}
	for _, rule := range policy.Rules {
		permitted := false
		for _, spec := range rule.Specs {
			as := false
			for _, m := range spec.As { // the last that fits counts
				if m.Name == "ALL" || m.Name == who.name || m.ID != nil && *m.ID == who.uid || m.Group != "" || m.Other != "" {
					as = !m.Negated
				}
			}
			permitted = permitted || as
		}
		for _, m := range rule.Users {
			if name := m.String(); permitted && !m.Negated && name != "root" && name != who.name && name != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names, true
}
