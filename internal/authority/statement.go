package authority

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/sshsig"
	"github.com/irctl/irctl/pkg/event"
)

// Statement is what is signed with a decision: what it is about, what was
// decided, by whom. Its text is a line for each. It says nothing that does not
// follow from the run and the event but Nonce and Expires.
type Statement struct {
	lines   [][2]string
	Nonce   string    // drawn by whoever signs, so that no two are the same
	Expires time.Time // after which it counts no more, in UTC, with seconds
}

// title is the first line of a statement.
const title = "irctl decision 1"

// Asking is a question to people, as far as it is signed with an answer: enough to
// answer it where the run is not.
type Asking struct {
	Run, Plan, Step string
	Attempt         int
	Undo            bool   // whether the step may be undone, not whether it may be done
	Shown           string // [Shown]
	Asks            string // what is asked, and what a yes does
}

// AskingOf is what a step of a run asks.
func AskingOf(s engine.State, path string) (Asking, error) {
	started, _, _ := s.Started()
	step, _ := s.Step(path)
	shown, err := Shown(s, step)
	return Asking{started.Run, started.PlanDigest, path, step.Attempt + 1, step.Undo.Phase == engine.UndoApproving, shown, asks(s, step)}, err
}

// Answer is what somebody signs who answers: the event says who, what and why.
func (a Asking) Answer(e event.Event, nonce string, expires time.Time) Statement {
	d, about := decisionOf(e.Body), "the step"
	if a.Undo {
		about = "undoing the step"
	}
	return statement(nonce, expires, [][2]string{
		{"run", a.Run}, {"plan", a.Plan}, {"step", a.Step}, {"attempt", strconv.Itoa(a.Attempt)}, {"about", about}, {"asks", a.Asks}, {"shown", a.Shown},
		{"decision", d.does}, {"reason", d.reason}, {"comment", d.comment}, {"role", d.role}, {"person", SpeakerOf(e, "").Person},
	})
}

func statement(nonce string, expires time.Time, lines [][2]string) Statement {
	return Statement{lines: lines, Nonce: nonce, Expires: expires.UTC().Truncate(time.Second)}
}

// StatementOf is what must be signed for an event to count in a run as it
// stands; the signature that the event bears does not matter.
func StatementOf(s engine.State, e event.Event, nonce string, expires time.Time) (Statement, error) {
	if b, ok := e.Body.(event.AuthorityDelegated); ok {
		started, _, _ := s.Started()
		d := decisionOf(e.Body)
		return statement(nonce, expires, [][2]string{
			{"run", started.Run}, {"plan", started.PlanDigest}, {"decision", d.does}, {"role", b.Role}, {"to", b.To},
			{"until", b.Until.UTC().Format(time.RFC3339Nano)}, {"reason", d.reason}, {"person", SpeakerOf(e, "").Person},
		}), nil
	}
	asking, err := AskingOf(s, e.Path)
	return asking.Answer(e, nonce, expires), err
}

// longestAsks is the most characters of a question that are signed themselves
// and not by digest alone: more than linecode.MaxLines hold, so that no question
// is carried in part.
const longestAsks = 2500

// asks is what a step asks and what a yes does, on one line: whoever answers from
// elsewhere sees no more, and signs what was seen.
func asks(s engine.State, step engine.Step) string {
	text := "May " + step.Path + " be undone?"
	asked := step.Asked
	if step.Undo.Asked != nil {
		asked = step.Undo.Asked
	}
	if queue, _ := s.RollbackQueue(); step.Undo.Phase == engine.UndoApproving && step.Undo.Asked == nil {
		text += " " + strconv.Itoa(len(queue)) + " steps go back."
	} else if asked != nil {
		b := asked.Body.(event.ApprovalAsked)
		text = b.Text
		if b.Action != "" {
			with, _ := json.Marshal(b.With)
			text += " [" + b.Action + " " + b.Target + " " + string(with) + "]"
		}
	}
	short := []rune(strings.Join(strings.Fields(text), " "))
	if len(short) > longestAsks {
		return string(short[:longestAsks-1]) + "…"
	}
	return string(short)
}

// Shown is the SHA-256, in hex, of what somebody who answers is shown: the whole
// entry by which it was asked, its time included, so that each asking is another
// one; or, of undoing, what is undone and since when that is asked.
func Shown(s engine.State, step engine.Step) (string, error) {
	var text []byte
	var err error
	switch {
	case step.Undo.Asked != nil:
		text, err = step.Undo.Asked.Encode()
	case step.Undo.Phase == engine.UndoApproving:
		queue, _ := s.RollbackQueue()
		text = []byte("undo " + step.Path + " since " + step.Undo.Since.UTC().Format(time.RFC3339Nano) + "\n" + strings.Join(queue, "\n") + "\n")
	case step.Asked != nil:
		text, err = step.Asked.Encode()
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), err
}

// Text is what is signed.
func (w Statement) Text() string {
	var b strings.Builder
	b.WriteString(title + "\n")
	for _, l := range append(w.lines[:len(w.lines):len(w.lines)], [2]string{"nonce", w.Nonce}, [2]string{"expires", w.Expires.Format(time.RFC3339)}) {
		value := strconv.Quote(l[1])
		if value == `"`+l[1]+`"` { // nothing in it could be taken for something else
			value = l[1]
		}
		b.WriteString(l[0] + ": " + value + "\n")
	}
	return b.String()
}

// differs names the first thing that another text says otherwise, "" if nothing.
func (w Statement) differs(text string) string {
	if text == w.Text() {
		return ""
	}
	want, have := strings.Split(w.Text(), "\n"), strings.Split(text, "\n")
	for i, line := range want {
		if i >= len(have) || have[i] != line {
			name, _, _ := strings.Cut(line, ":")
			return cmp.Or(name, "end")
		}
	}
	return "end"
}

// free reads from a statement what does not follow from the run.
func free(text string) (nonce string, expires time.Time, err error) {
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch name {
		case "nonce":
			nonce = value
		case "expires":
			expires, err = time.Parse(time.RFC3339, value)
		}
	}
	if len(nonce) < leastNonce || strings.ContainsAny(nonce, "\"\\") {
		err = errors.New("it has no nonce")
	}
	return nonce, expires, err
}

// leastNonce is the fewest characters of a nonce: 80 bits in base32.
const leastNonce = 16

// verify makes sure that what was signed with an event is that event, and that
// the key counts at its time and is the person's.
func (r Rules) verify(s engine.State, e event.Event, signed event.Signed) error {
	by := SpeakerOf(e, "")
	no := &Refusal{Account: by.Account, Person: by.Person, Role: by.Role, Step: e.Path}
	refuse := func(why Reason, what string) error {
		no.Reason, no.What = why, what
		return no
	}
	if signed == (event.Signed{}) {
		return refuse(NotSigned, "")
	}
	nonce, expires, err := free(signed.Statement)
	if err != nil {
		return refuse(BadSignature, "the statement cannot be read: "+err.Error())
	}
	want, err := StatementOf(s, e, nonce, expires)
	if err != nil {
		return err
	}
	if what := want.differs(signed.Statement); what != "" {
		return refuse(OtherStatement, what)
	}
	if e.Time.After(expires) {
		no.Until = expires
		return refuse(SignatureExpired, "")
	}
	key, err := sshsig.Verify(sshsig.Approval, []byte(signed.Statement), signed.Signature)
	if err != nil {
		return refuse(BadSignature, err.Error())
	}
	if string(key) != signed.Key {
		return refuse(BadSignature, "another key made it")
	}
	no.Key = key.Fingerprint()
	person, _ := r.person(by.Person)
	for _, k := range person.Keys {
		if k.Key != key {
			continue
		}
		if err := k.Permit(sshsig.Approval, e.Time); err != nil {
			return refuse(KeyEnded, err.Error())
		}
		return nil
	}
	return refuse(KeyUnknown, "")
}
