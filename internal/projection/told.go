package projection

import (
	"time"

	"github.com/irctl/irctl/internal/engine"
)

// Told is that somebody was told of what waits, or should have been.
type Told struct {
	To      string `json:"to,omitempty"` // a person; "" for whoever reads what the target writes to
	Address string `json:"address,omitempty"`
	Target  string `json:"target"`
	Why     string `json:"why"`
	At      Time   `json:"at"`
	Outcome Reach  `json:"outcome"`
	Error   string `json:"error,omitempty"`   // why it did not get there, or is not known to
	Instead string `json:"instead,omitempty"` // what to do then
}

// Reach is how far a message got. The zero value is invalid.
type Reach string

// The outcomes of a message.
const (
	OnItsWay Reach = "on its way"
	Reached  Reach = "sent"
	Failed   Reach = "failed"
	Perhaps  Reach = "unknown"
)

// toldOf are the notices of a step since it waits.
func toldOf(list []engine.Notice, since time.Time) []Told {
	var out []Told
	for _, n := range list {
		if n.At.Before(since) {
			continue
		}
		t := Told{To: n.To, Address: n.Address, Target: n.Target, Why: n.Why, At: Time{n.At}, Outcome: OnItsWay}
		switch {
		case n.Ended.IsZero():
		case n.Error == nil:
			t.Outcome = Reached
		default:
			t.Outcome, t.Error, t.Instead = Failed, n.Error.Message, n.Error.Hint
			if n.Error.Doubt {
				t.Outcome = Perhaps
			}
		}
		out = append(out, t)
	}
	return out
}

// Latest keeps the last of the messages to each one through each target.
func Latest(list []Told) []Told {
	var out []Told
	place := map[[2]string]int{}
	for _, t := range list {
		key := [2]string{t.To, t.Target}
		i, had := place[key]
		if !had {
			i, out = len(out), append(out, t)
			place[key] = i
		}
		out[i] = t
	}
	return out
}
