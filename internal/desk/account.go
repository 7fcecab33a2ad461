package desk

import (
	"errors"
	"slices"

	"github.com/irctl/irctl/internal/anchor"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/journal"
)

// Accounts are the runs that a name stands for, oldest first: one run, also an
// archived one, or all of an incident. unread says of others of the incident why
// they could not be read.
func (d *Desk) Accounts(name string) (out []projection.Account, incident string, unread []error, err error) {
	ids := []string{}
	r, drop, err := d.journal(name)
	switch unfound := (*store.NotFoundError)(nil); {
	case err == nil:
		ids = append(ids, r.ID())
		drop()
	case errors.As(err, &unfound) && name != "":
		found, bad, failed := d.Incident(name)
		if failed != nil || len(found.Runs) == 0 && len(bad) == 0 {
			return nil, "", bad, errors.Join(failed, err)
		}
		incident, unread = name, bad
		for _, row := range found.Runs {
			ids = append(ids, row.Run)
		}
	default:
		return nil, "", nil, err
	}
	for _, id := range ids {
		a, err := d.account(id)
		if err != nil && incident == "" {
			return nil, "", nil, err
		}
		if err != nil {
			unread = append(unread, err)
			continue
		}
		out = append(out, a)
	}
	return out, incident, unread, nil
}

func (d *Desk) account(id string) (out projection.Account, err error) {
	reader, drop, err := d.journal(id)
	defer drop()
	if err != nil {
		return out, err
	}
	seq := int64(0)
	out.Custody = projection.Custody{Run: id, Items: []projection.Evidence{}}
	r, err := foldedBefore(reader, func(e event.Event) {
		seq++
		out.Add(seq, e)
	})
	if err != nil {
		return out, err
	}
	if out.Status, err = d.Status(r); err != nil {
		return out, err
	}
	out.Contained = d.containing(r, d.overs())
	out.Verified, out.Unproven = d.Verify(id, journal.Given{}, anchor.Trust{})
	out.Controls.Found = slices.DeleteFunc(out.Controls.Found, func(c projection.Case) bool { return c.Kept })
	return out, nil
}
