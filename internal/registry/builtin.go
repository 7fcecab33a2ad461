package registry

import (
	"github.com/irctl/irctl/internal/actions/account"
	"github.com/irctl/irctl/internal/actions/assert"
	"github.com/irctl/irctl/internal/actions/block"
	"github.com/irctl/irctl/internal/actions/cacao"
	"github.com/irctl/irctl/internal/actions/credentials"
	"github.com/irctl/irctl/internal/actions/dns"
	"github.com/irctl/irctl/internal/actions/email"
	"github.com/irctl/irctl/internal/actions/evidence"
	"github.com/irctl/irctl/internal/actions/exec"
	"github.com/irctl/irctl/internal/actions/file"
	"github.com/irctl/irctl/internal/actions/host"
	"github.com/irctl/irctl/internal/actions/http"
	"github.com/irctl/irctl/internal/actions/investigation"
	"github.com/irctl/irctl/internal/actions/notify"
	"github.com/irctl/irctl/internal/actions/payments"
	"github.com/irctl/irctl/internal/actions/sessions"
	"github.com/irctl/irctl/internal/actions/website"
)

// Builtin returns a registry of the actions that irctl comes with.
func Builtin() *Registry {
	return New(
		// general
		assert.Assert(),
		exec.Exec(),
		file.Write(),
		http.Request(),
		// containment
		account.Disable(),
		account.Enable(),
		block.Add(),
		block.Remove(),
		credentials.Rotate(),
		dns.Restore(),
		dns.Switch(),
		email.Probe(),
		email.Restore(),
		email.Suspend(),
		host.Isolate(),
		host.Release(),
		sessions.Revoke(),
		website.Drain(),
		website.Restore(),
		website.Suspend(),
		website.Undrain(),
		// the case
		evidence.Collect(),
		investigation.Close(),
		investigation.Open(),
		investigation.Update(),
		// commands of CACAO playbooks
		cacao.Bash(),
		cacao.HTTP(),
		cacao.OpenC2(),
		cacao.PowerShell(),
		cacao.SSH(),
		cacao.Unbound(),
		// people
		notify.Customers(),
		notify.Draft(),
		notify.Email(),
		notify.Log(),
		notify.Silence(),
		notify.Unsilence(),
		notify.Webhook(),
		payments.Publish(),
		payments.Withdraw(),
	)
}
