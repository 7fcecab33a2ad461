package notify

import (
	"context"
	"net/mail"
	"slices"

	"github.com/irctl/irctl/internal/mailing"
	"github.com/irctl/irctl/pkg/action"
)

// The names under which an attempt records whom the message reached.
const (
	recordOffered   = "offered"   // accepted as recipients; the text comes next
	recordDelivered = "delivered" // the server took the message for these
)

const idPlaceholder = "{message_id}"

// round is one conversation with the server: whom to send the message to who
// does not have it. A second round happens when a server refuses a recipient.
type round struct {
	from *mail.Address
	to   []*mail.Address // who is left
	all  int
	id   string // Message-ID of this round
	// doubt says that an earlier attempt may have delivered and nobody can tell.
	doubt   bool
	offered bool // the server was offered the message, and nobody knows that it arrived
	// had are the addresses that have the message, and found those of them
	// that only the lookup knew of.
	had, found []string
}

// next finds out what is left to send, and asks the target's lookup about an
// attempt that was cut off.
func (w *smtp) next(ctx context.Context, record action.Values) (round, error) {
	from, err := mailing.Address(w.From)
	if err != nil {
		return round{}, err
	}
	to, err := addresses(w.req.With.Strings("to"))
	if err != nil {
		return round{}, err
	}
	r := round{from: from, all: len(to), had: record.Strings(recordDelivered)}
	r.leave(w.req.Key, to)
	if len(r.to) == 0 {
		return r, nil
	}
	arrived, known, err := w.arrived(ctx, w.req.Allow, idPlaceholder, r.id)
	if err != nil {
		return round{}, err
	}
	offered := slices.DeleteFunc(record.Strings(recordOffered), func(a string) bool { return slices.Contains(r.had, a) })
	r.doubt = !known && len(offered) > 0
	r.offered = !arrived && len(offered) > 0
	if arrived {
		if len(offered) == 0 {
			offered = texts(r.to)
		}
		r.found = offered
		r.had = append(r.had, offered...)
		r.leave(w.req.Key, to)
	}
	return r, nil
}

// leave works out who of all recipients is left.
func (r *round) leave(key string, all []*mail.Address) {
	r.to = slices.DeleteFunc(slices.Clone(all), func(a *mail.Address) bool { return slices.Contains(r.had, a.Address) })
	r.id = messageID(key, nil, r.from.Address)
	if len(r.to) < len(all) && len(r.to) > 0 {
		r.id = messageID(key, texts(r.to), r.from.Address)
	}
}

func texts(list []*mail.Address) []string {
	out := make([]string, len(list))
	for i, a := range list {
		out[i] = a.Address
	}
	return out
}

// plain is a list of texts as a journal keeps it.
func plain(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}
