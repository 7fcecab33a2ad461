package desk

import "github.com/irctl/irctl/pkg/event"

// accountOf is the account that caused an event, "" if none did.
func accountOf(e event.Event) string {
	if e.By == nil {
		return ""
	}
	return e.By.User
}

// brought says of a run in a shared home that another account put it there than the
// one that its journal names; "" if that is the same one.
func brought(owner, says string) string {
	if owner == "" || owner == says {
		return ""
	}
	return "it was put here by " + owner + ", and its journal says that it is a run of " + says + ": " + owner + " brought a copy of one, or made it in the name of " + says
}

// warnings are what makes the journal of a run prove less than others do.
func (d *Desk) warnings(r *Reading) (out []string) {
	started, _, _ := r.state.Started()
	if why := brought(r.Owner(), r.account); why != "" {
		out = append(out, "Do not rely on who this run is of: "+why+".")
	}
	out = append(out, r.restarted...)
	keys, secret := len(started.LogKeys) > 0, r.HasSecret()
	switch {
	case r.Archive() != "": // which have no secret
	case keys && !secret:
		out = append(out, unsignable+".")
	case !keys && (secret || started.Irctl == d.Version):
		out = append(out, "It has no checkpoints, and what began it signs some from the first entry on: they were taken out, and with them what could show that entries were changed.")
	}
	return out
}

const unsignable = "The file that signs the next checkpoint (ratchet, beside the journal) is gone: somebody took it away, or it was not copied along. " +
	"What the checkpoints cover stays as it was; whether entries behind the last one were written by this run nobody can prove. " +
	"Whoever resumes it begins a new log with other keys, and its journal says so (log_restarted)"
