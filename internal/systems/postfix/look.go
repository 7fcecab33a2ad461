package postfix

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/irctl/irctl/pkg/action"
)

// noteName is the file beside main.cf that exists while irctl has suspended
// mail.
const noteName = "irctl-suspended.json"

// Look is how a system stands.
type Look struct {
	Settings Settings
	Reply    Reply
	Queue    Queue
	// Suspended says that senders are put off and nothing is delivered, by
	// whomever.
	Suspended bool
	// Apart are the services of master.cf that go by restrictions of their own, and
	// so take mail whatever main.cf says.
	Apart []string
	// Note is the suspension that the file beside main.cf holds; nil is none.
	Note *Suspension

	main       string // main.cf
	transports []string
	putOff     bool // main.cf puts senders off
	stopped    bool // nothing is delivered
}

// Look looks at the settings, the queue and what senders are told. It changes
// nothing.
func (s *System) Look(ctx context.Context) (Look, error) {
	main, err := s.host.ReadFile(ctx, s.file("main.cf"))
	if err != nil {
		return Look{}, err
	}
	l := Look{Settings: settingsOf(string(main)), main: string(main)}
	master, err := s.query(ctx, "postconf", "-M")
	if err != nil {
		return Look{}, err
	}
	own, err := s.query(ctx, "postconf", "-P")
	if err != nil {
		return Look{}, err
	}
	l.transports, l.Apart = transports(master), apart(master, own)
	client, err := s.value(ctx, clientSetting)
	if err != nil {
		return Look{}, err
	}
	deferred, err := s.value(ctx, deferSetting)
	if err != nil {
		return Look{}, err
	}
	l.putOff, l.stopped = putsOff(client), covers(deferred, l.transports)
	// Whether it runs at all is asked first: while it stops, its queue is half a list.
	if l.Reply, err = s.ask(ctx); err != nil {
		return Look{}, err
	}
	if l.Queue, err = s.queue(ctx); err != nil {
		return Look{}, err
	}
	if l.Note, err = s.note(ctx); err != nil {
		return Look{}, err
	}
	l.Suspended = l.putOff && l.stopped && l.Reply.Later()
	return l, nil
}

// String says it in a line.
func (l Look) String() string {
	in, out := "accepting mail", ""
	if l.Reply.Later() {
		in = fmt.Sprintf("senders are put off (%d)", l.Reply.Code)
	}
	if l.stopped {
		out = ", nothing is delivered"
	}
	return fmt.Sprintf("%s%s; in the queue %s, %d on hold", in, out, messages(l.Queue.Free()+len(l.Queue.Held)), len(l.Queue.Held))
}

func messages(n int) string {
	if n == 1 {
		return "1 message"
	}
	return fmt.Sprintf("%d messages", n)
}

// Suspension is all that it takes to suspend mail and to restore it. It is what
// an action records.
type Suspension struct {
	About  string   `json:"about"`
	Words  string   `json:"words"` // what senders read
	Before Settings `json:"before"`
	While  Settings `json:"while"`
	// Done says that the queue was put on hold: Held is complete. Held are the
	// messages that irctl put there.
	Done bool     `json:"done"`
	Held []string `json:"held"`
}

const about = "irctl suspended mail. email.restore puts back the lines under before, releases the messages under held and removes this file."

// Plan is the suspension of a system that was looked at. It goes on from one
// that an earlier run left half done.
func (l Look) Plan(notice string) Suspension {
	words := Words(notice)
	p := Suspension{About: about, Words: words, Before: l.Settings, While: suspending(words, l.transports), Held: []string{}}
	if l.Note == nil {
		return p
	}
	if p.Before.Client == l.Note.While.Client {
		p.Before.Client = l.Note.Before.Client
	}
	if p.Before.Defer == l.Note.While.Defer {
		p.Before.Defer = l.Note.Before.Defer
	}
	p.Held = append(p.Held, l.Queue.held(l.Note.Held)...)
	return p
}

// Lacks says what a suspension asks for and the system is not; none is that it
// is there whole. It goes by how the system stands, not by how far whoever
// recorded p came: mail that came in since, and what others hold, count for
// nothing.
func (l Look) Lacks(p Suspension) []string {
	var out []string
	lacks := func(is bool, text string) {
		if is {
			out = append(out, text)
		}
	}
	lacks(!l.putOff, clientSetting+" does not put senders off")
	lacks(!l.stopped, deferSetting+" does not name every transport")
	lacks(!l.Reply.Later(), fmt.Sprintf("senders are answered %d", l.Reply.Code))
	loose := l.Queue.loose(p.Held)
	if !p.Done {
		loose = l.Queue.Waiting
	}
	lacks(len(loose) > 0, messages(len(loose))+" to be put on hold")
	return out
}

// Record is a suspension as plain data.
func (p Suspension) Record() (map[string]any, error) {
	b, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	var out map[string]any
	return out, json.Unmarshal(b, &out)
}

// Recalled is what Record made.
func Recalled(record map[string]any) (Suspension, error) {
	b, err := json.Marshal(record)
	if err != nil {
		return Suspension{}, err
	}
	return read(b, "the run's record")
}

func read(b []byte, where string) (Suspension, error) {
	var p Suspension
	err := json.Unmarshal(b, &p)
	for _, id := range p.Held {
		if err == nil && !isID(id) {
			err = fmt.Errorf("%q is no queue id", action.CleanLine(id, 40))
		}
	}
	if err == nil && settingsOf(p.While.Client+p.While.Defer) != p.While {
		err = errors.New("its lines are not those that suspend mail")
	}
	if err != nil {
		return Suspension{}, &action.Error{Message: where + " does not say what was set before", Cause: err, Hint: "put main.cf back by hand, release what is on hold (postsuper -H ID), then: postfix reload", Permanent: true}
	}
	return p, nil
}

// note reads the file beside main.cf, if there is one.
func (s *System) note(ctx context.Context) (*Suspension, error) {
	b, err := s.host.ReadFile(ctx, s.file(noteName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	p, err := read(b, s.file(noteName))
	return &p, err
}

func (s *System) writeNote(ctx context.Context, p Suspension) error {
	b, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	return s.host.WriteFile(ctx, s.file(noteName), append(b, '\n'), 0o600)
}
