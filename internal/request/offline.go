package request

import (
	"context"
	"crypto/rand"
	"encoding/asn1"
	"encoding/hex"
	"slices"
	"time"

	"github.com/irctl/irctl/internal/authority"
	"github.com/irctl/irctl/internal/linecode"
	"github.com/irctl/irctl/internal/sshsig"
	"github.com/irctl/irctl/pkg/event"
)

// The kinds of codes that people carry between two homes.
const (
	questionCode = 'Q'
	answerCode   = 'A'
)

// Question is what a step asks, as it travels to where the run is not.
type Question struct {
	authority.Asking
	Roles []string
	Until time.Time // after which an answer counts for nothing
}

// question and answer are what a code holds, in DER.
type question struct {
	Run         string
	Plan, Shown []byte
	Step        string `asn1:"utf8"`
	Attempt     int
	Undo        bool
	Asks        string `asn1:"utf8"`
	Roles       []string
	Until       int64 // seconds since 1970
}

type answer struct {
	Yes                          bool
	Person, Role, Comment, Nonce string `asn1:"utf8"`
	Until                        int64
	Signature                    []byte // [sshsig.Bare]
}

// OfflineError says why something cannot be answered from elsewhere.
type OfflineError struct{ Why string }

// Error implements error.
func (e *OfflineError) Error() string { return e.Why }

// Carry is what a step asks, as lines that somebody can carry to where the run is
// not.
func (st Standing) Carry(name string) (Question, []string, error) {
	step, _, err := st.asking(name)
	if err != nil {
		return Question{}, nil, err
	}
	roles := authority.RolesOf(step, st.At)
	if !st.Rules.Signs(st.State, roles, st.At) {
		return Question{}, nil, &OfflineError{"the people who may answer have no keys in the environment, so that nobody could tell whose answer it is"}
	}
	q := Question{Roles: roles, Until: expiry(st.State, event.Event{Time: st.At, Path: step.Path})}
	if q.Asking, err = authority.AskingOf(st.State, step.Path); err != nil {
		return q, nil, err
	}
	out := question{Run: q.Run, Step: q.Step, Attempt: q.Attempt, Undo: q.Undo, Asks: q.Asks, Roles: q.Roles, Until: q.Until.Unix()}
	out.Plan, _ = hex.DecodeString(q.Plan)
	out.Shown, _ = hex.DecodeString(q.Shown)
	der, err := asn1.Marshal(out)
	if lines := linecode.Encode(questionCode, der); len(lines) <= linecode.MaxLines || err != nil {
		return q, lines, err
	}
	return q, nil, &OfflineError{"the question is too long to be carried, and nobody may answer what they could not read; it can only be answered where the run is"}
}

// ReadQuestion reads what Carry wrote. The error may be a *[linecode.Error].
func ReadQuestion(text string) (Question, error) {
	var in question
	if err := carried(questionCode, text, &in); err != nil {
		return Question{}, err
	}
	return Question{
		Asking: authority.Asking{Run: in.Run, Plan: hex.EncodeToString(in.Plan), Step: in.Step, Attempt: in.Attempt, Undo: in.Undo, Shown: hex.EncodeToString(in.Shown), Asks: in.Asks},
		Roles:  in.Roles, Until: time.Unix(in.Until, 0).UTC(),
	}, nil
}

func carried(kind byte, text string, into any) error {
	der, err := linecode.Decode(kind, text)
	if err != nil {
		return err
	}
	rest, err := asn1.Unmarshal(der, into)
	if err != nil || len(rest) > 0 {
		return &OfflineError{"this code was made by another version of irctl, or by something else"}
	}
	return nil
}

// Reply signs an answer to a question from elsewhere, now, and returns it as lines.
// The person is as whom w answers, or whose key it is among people, who may be none.
func Reply(ctx context.Context, q Question, w Answer, people authority.People, signer sshsig.Signer, now time.Time) (lines []string, err error) {
	switch {
	case signer == nil:
		return nil, &UnsignedError{}
	case now.After(q.Until):
		return nil, &OfflineError{"the time to answer was up at " + q.Until.Format(time.RFC3339)}
	}
	if w.As == "" {
		if by, err := people.Choose(authority.Speaker{Key: signer.Key()}, q.Roles); err == nil {
			w.As, w.Role = by.Person, by.Role
		}
	}
	if w.Role == "" && len(q.Roles) == 1 {
		w.Role = q.Roles[0]
	}
	switch {
	case w.As == "":
		return nil, &OfflineError{"say as which person of the environment you answer: --as NAME"}
	case len(q.Roles) > 0 && !slices.Contains(q.Roles, w.Role):
		return nil, &OfflineError{"say in which role you answer: --role NAME"}
	}
	out := answer{Yes: w.Yes, Person: w.As, Role: w.Role, Comment: w.Comment, Nonce: rand.Text(), Until: q.Until.Unix()}
	text := q.Answer(out.event(q.Step, q.Undo), out.Nonce, q.Until).Text()
	signature, err := signer.Sign(ctx, sshsig.Approval, []byte(text))
	if err != nil {
		return nil, err
	}
	if out.Signature, err = sshsig.Bare(signature); err != nil {
		return nil, err
	}
	der, err := asn1.Marshal(out)
	return linecode.Encode(answerCode, der), err
}

// event is the decision of an answer.
func (a answer) event(path string, undo bool) event.Event {
	return event.Event{Path: path, By: &event.Actor{Person: a.Person}, Body: said(a.Yes, undo, a.Role, a.Comment)}
}

// Response is an answer that came from elsewhere: Code is what Reply wrote.
type Response struct{ Step, Code string }

func (w Response) decide(st Standing) (Decision, error) {
	step, undo, err := st.asking(w.Step)
	if err != nil {
		return Decision{}, err
	}
	var in answer
	if err := carried(answerCode, w.Code, &in); err != nil {
		return Decision{}, err
	}
	e := in.event(step.Path, undo)
	statement, err := authority.StatementOf(st.State, e, in.Nonce, time.Unix(in.Until, 0))
	if err != nil {
		return Decision{}, err
	}
	person, known := st.person(in.Person)
	if !known {
		return Decision{}, &authority.Refusal{Reason: authority.Unknown, Person: in.Person, Roles: step.Roles}
	}
	for _, key := range person.Keys {
		signature, err := sshsig.Whole(sshsig.Approval, key.Key, in.Signature)
		if err == nil {
			_, err = sshsig.Verify(sshsig.Approval, []byte(statement.Text()), signature)
		}
		if err != nil {
			continue
		}
		e = authority.Under(e, event.Signed{Statement: statement.Text(), Signature: signature, Key: string(key.Key)})
		did := "approved"
		if !in.Yes {
			did = "refused"
		}
		return Decision{Path: step.Path, Person: in.Person, Body: e.Body, Summary: step.Path + ": " + did + " as " + in.Person + ", " + in.Role + "."}, nil
	}
	return Decision{}, &OfflineError{"the response is not " + in.Person + "'s answer to what is asked now: it is signed with another key, or answers another question"}
}
