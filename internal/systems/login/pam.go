package login

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/pkg/action"
)

// passwordless are the services of Linux-PAM that let people in, or go on as
// them, without the machine's password: there an account is kept out by nothing
// but that it has expired.
var passwordless = []string{"sshd", "sudo", "sudo-i", "cron", "crond", "atd"}

// unjudging are modules of Linux-PAM whose account rules do not ask whether an
// account has expired.
var unjudging = []string{"pam_permit.so", "pam_nologin.so", "pam_localuser.so", "pam_rootok.so"}

// careless are the services of Linux-PAM that let in who has expired, for
// somebody who may read /etc/shadow, and so these rules as well.
func careless(ctx context.Context, h *host.Host) ([]string, error) {
	res, err := h.Run(ctx, process.Command{
		Argv: []string{"grep", "-RsE", "^[^#]", "/etc/pam.d"}, Success: []int{0, 1, 2}, // 2: a machine without PAM
	}, nil)
	if err != nil {
		return nil, host.Certain(err)
	}
	return slices.DeleteFunc(slices.Clone(passwordless), func(service string) bool { return !accountRules(res.Stdout).admitsExpired(service) }), nil
}

// byService says that a service lets in who has expired.
func byService(service string) string {
	return service + ", whose account rules in /etc/pam.d do not ask whether an account has expired"
}

// rule is one of the kind account: pam.d(5).
type rule struct{ control, module string } // include and substack have a service for a module

// pamRules are the account rules of every service that has rules.
type pamRules map[string][]rule

// accountRules reads what grep prints of /etc/pam.d.
func accountRules(text string) pamRules {
	out := pamRules{}
	for line := range strings.Lines(text) {
		file, line, _ := strings.Cut(line, ":")
		line, _, _ = strings.Cut(line, "#")
		service, f := path.Base(file), strings.Fields(line)
		if _, there := out[service]; !there {
			out[service] = nil
		}
		if len(f) == 2 && f[0] == "@include" {
			out[service] = append(out[service], rule{"include", f[1]})
			continue
		}
		if len(f) < 3 || strings.TrimPrefix(f[0], "-") != "account" {
			continue
		}
		end := 1
		if strings.HasPrefix(f[1], "[") {
			end = max(1, slices.IndexFunc(f, func(w string) bool { return strings.HasSuffix(w, "]") }))
		}
		if end+1 < len(f) {
			out[service] = append(out[service], rule{f[1], path.Base(f[end+1])})
		}
	}
	return out
}

// What the account rules of a service come to.
type admission int

const (
	asksOther admission = iota // it has none of its own: those of the service other count
	admitsAll
	judges
)

// admitsExpired reports whether a service lets in who has expired. The service
// other stands for one that has no account rules (pam(8)).
func (r pamRules) admitsExpired(service string) bool {
	if _, there := r[service]; !there {
		return false
	}
	now := r.admits(service, nil)
	if now == asksOther {
		now = r.admits("other", nil)
	}
	return now == admitsAll
}

func (r pamRules) admits(service string, within []string) admission {
	now := asksOther
	if slices.Contains(within, service) {
		return now
	}
	for _, rule := range r[service] {
		switch {
		case rule.control == "include" || rule.control == "substack":
			if inner := r.admits(rule.module, append(within, service)); inner != asksOther {
				now = inner
			}
		case !slices.Contains(unjudging, rule.module):
			return judges
		default:
			now = admitsAll
		}
		if now == judges || rule.control == "sufficient" && rule.module == "pam_permit.so" {
			return now
		}
	}
	return now
}

// stays is the problem of a preflight about a service.
func stays(h *host.Host, service string) error {
	return &action.Error{Message: h.String() + " also lets in who is disabled, by " + byService(service), Hint: "have pam_unix.so (or @include common-account) among those rules", Permanent: true}
}
