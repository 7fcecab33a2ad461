package postfix

import (
	"bufio"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/irctl/irctl/pkg/action"
)

// Queue is the mail that waits, by its ids.
type Queue struct {
	Held    []string // on hold: nothing is tried until somebody releases it
	Moving  []string // in maildrop, incoming and active: it may be on its way right now
	Waiting []string // deferred: it is tried again by and by
}

// Free is how many messages are not on hold.
func (q Queue) Free() int { return len(q.Moving) + len(q.Waiting) }

// loose are those of ids that are in the queue and not on hold.
func (q Queue) loose(ids []string) []string {
	free := map[string]bool{}
	for _, id := range slices.Concat(q.Moving, q.Waiting) {
		free[id] = true
	}
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !free[id] })
}

// held are those of ids that are on hold.
func (q Queue) held(ids []string) []string {
	held := map[string]bool{}
	for _, id := range q.Held {
		held[id] = true
	}
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !held[id] })
}

func (s *System) queue(ctx context.Context) (Queue, error) {
	text, err := s.query(ctx, "postqueue", "-j")
	if err != nil {
		return Queue{}, err
	}
	return queueOf(text)
}

// queueOf reads what postqueue -j prints: an object for each message, a line
// each (postqueue(1), "JSON OBJECT FORMAT").
func queueOf(text string) (Queue, error) {
	var q Queue
	lines := bufio.NewScanner(strings.NewReader(text))
	lines.Buffer(nil, maxOutput)
	for lines.Scan() {
		var m struct {
			Queue string `json:"queue_name"`
			ID    string `json:"queue_id"`
		}
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil || !isID(m.ID) {
			return Queue{}, &action.Error{Message: "what postqueue says of the queue cannot be read: " + action.CleanLine(lines.Text(), 80), Permanent: true}
		}
		switch m.Queue {
		case "hold":
			q.Held = append(q.Held, m.ID)
		case "deferred":
			q.Waiting = append(q.Waiting, m.ID)
		default:
			q.Moving = append(q.Moving, m.ID)
		}
	}
	return q, lines.Err()
}

// isID reports whether a text can be a queue id. ALL, which postsuper takes
// for every message, is none.
func isID(text string) bool {
	return len(text) > len("ALL") && strings.IndexFunc(text, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) < 0
}

// What postsuper(1) does with messages.
const (
	hold    = "-h"
	release = "-H"
)

// super has postsuper do something with messages. Ids that are not there do no
// harm.
func (s *System) super(ctx context.Context, flag string, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := s.run(ctx, "postsuper", strings.Join(ids, "\n")+"\n", flag, "-")
	return err
}
