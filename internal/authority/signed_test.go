package authority_test

import (
	"context"
	"crypto/ed25519"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"github.com/irctl/irctl/internal/authority"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/plan/plantest"
	"github.com/irctl/irctl/internal/sshsig"
	"github.com/irctl/irctl/pkg/event"
)

// signer makes a key that is always the same for a name.
func signer(t *testing.T, name string) sshsig.Signer {
	t.Helper()
	seed := make([]byte, ed25519.SeedSize)
	copy(seed, name)
	block, err := ssh.MarshalPrivateKey(ed25519.NewKeyFromSeed(seed), name)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(block), 0o600))
	s, err := sshsig.Ring{}.Open(file)
	require.NoError(t, err)
	return s
}

// room is a run that asks people who have keys.
type room struct {
	t      *testing.T
	keys   map[string]sshsig.Signer
	rules  authority.Rules
	run    string
	state  engine.State
	now    time.Time
	expiry time.Duration
	nonce  string
}

// asked is a run in which two commanders must agree, and not whoever started it.
func asked(t *testing.T) *room {
	r := &room{t: t, keys: map[string]sshsig.Signer{}, run: "01RUN", now: time.Unix(1000, 0).UTC(), expiry: time.Hour, nonce: strings.Repeat("A", 26)}
	for _, name := range []string{"dana", "sam", "kim", "alex", "dana2"} {
		r.keys[name] = signer(t, name)
	}
	key := func(name string) environment.Key { return environment.Key{Key: r.keys[name].Key()} }
	r.rules.People = authority.People{
		{Name: "dana", Roles: []string{"commander"}, User: "dana", Keys: []environment.Key{key("dana"), key("dana2")}},
		{Name: "sam", Roles: []string{"commander"}, User: "sam", Keys: []environment.Key{key("sam")}},
		{Name: "kim", Roles: []string{"commander"}, User: "kim", Keys: []environment.Key{key("kim")}},
		{Name: "alex", Roles: []string{"legal"}, User: "alex", Keys: []environment.Key{key("alex")}},
	}
	r.begin()
	return r
}

func (r *room) begin() {
	ask := plantest.Node(plan.Approve, "ask")
	ask.Approval = &plan.Approval{Roles: []string{"commander"}, Need: 2, NotRequester: true}
	r.state = engine.New(plantest.Build(ask))
	r.apply(event.Event{By: &event.Actor{User: "kim"}, Body: event.RunStarted{Run: r.run, PlanDigest: "plan"}})
	r.apply(event.Event{Path: "ask", Body: event.ApprovalAsked{Text: "Close it?", Roles: []string{"commander"}, Need: 2, Target: "portal"}})
}

func (r *room) apply(e event.Event) {
	r.t.Helper()
	r.now = r.now.Add(time.Second)
	e.Time = r.now
	var err error
	r.state, err = engine.Apply(r.state, e)
	require.NoError(r.t, err)
}

// by is an answer to the question, handed in under an account.
func (r *room) by(account, person string) event.Event {
	return event.Event{Time: r.now.Add(time.Second), Path: "ask", By: &event.Actor{User: account, Person: person}, Body: event.ApprovalGiven{Role: "commander"}}
}

// signed signs an event as the run stands.
func (r *room) signed(e event.Event, key string) event.Event {
	r.t.Helper()
	statement, err := authority.StatementOf(r.state, e, r.nonce, r.now.Add(r.expiry))
	require.NoError(r.t, err)
	signature, err := r.keys[key].Sign(context.Background(), sshsig.Approval, []byte(statement.Text()))
	require.NoError(r.t, err)
	return authority.Under(e, event.Signed{Statement: statement.Text(), Signature: signature, Key: string(r.keys[key].Key())})
}

func (r *room) may(e event.Event) error {
	return r.rules.May(r.state, e, authority.SpeakerOf(e, authority.Inbox))
}

// counts makes sure that an answer counts, and takes it down.
func (r *room) counts(e event.Event) {
	r.t.Helper()
	require.NoError(r.t, r.may(e))
	r.now = e.Time.Add(-time.Second)
	r.apply(e)
}

// refused makes sure that an answer counts for nothing, and why.
func (r *room) refused(why authority.Reason, e event.Event, text string) {
	r.t.Helper()
	var no *authority.Refusal
	require.ErrorAs(r.t, r.may(e), &no)
	require.Equal(r.t, why, no.Reason)
	require.Contains(r.t, no.Error(), text)
}

func TestTwoSignedAnswersOfTwoPeopleCount(t *testing.T) {
	r := asked(t)
	r.counts(r.signed(r.by("root", "dana"), "dana"))
	r.counts(r.signed(r.by("root", "sam"), "sam"))
	step, _ := r.state.Step("ask")
	require.Equal(t, engine.Concluding, step.Phase)
}

func TestSignedNoCountsAndUnsignedDoesNot(t *testing.T) {
	r := asked(t)
	no := event.Event{Time: r.now, Path: "ask", By: &event.Actor{User: "dana", Person: "dana"}, Body: event.ApprovalRefused{Role: "commander"}}
	r.refused(authority.NotSigned, no, "counts for nothing")
	r.counts(r.signed(no, "dana"))
}

// One stolen account that holds one person's key.
func TestTwoSessionsOfOneAccountAreOnePerson(t *testing.T) {
	r := asked(t)
	r.counts(r.signed(r.by("dana", "dana"), "dana"))
	r.nonce = strings.Repeat("B", 26)
	again := r.signed(r.by("dana", "dana"), "dana")
	require.NoError(t, r.may(again))
	_, err := engine.Apply(r.state, again)
	require.ErrorContains(t, err, "dana has agreed already")
	r.refused(authority.KeyUnknown, r.signed(r.by("dana", "sam"), "dana"), "is not a key of sam")
	r.refused(authority.NotSigned, r.by("dana", "sam"), "not signed")
	r.refused(authority.NotSigned, r.by("sam", "sam"), "not signed")
}

func TestTwoKeysOfOnePersonAreOnePerson(t *testing.T) {
	r := asked(t)
	r.counts(r.signed(r.by("dana", "dana"), "dana"))
	again := r.signed(r.by("other", "dana"), "dana2")
	require.NoError(t, r.may(again))
	_, err := engine.Apply(r.state, again)
	require.ErrorContains(t, err, "dana has agreed already")
}

func TestAnswerOfAnotherRunDoesNotCount(t *testing.T) {
	other := asked(t)
	other.run = "01OTHER"
	other.begin()
	stolen := other.signed(other.by("sam", "sam"), "sam")
	r := asked(t)
	stolen.Time = r.now.Add(time.Second)
	r.refused(authority.OtherStatement, stolen, "what was signed is about another run")
}

func TestAnswerToAnotherStepDoesNotCount(t *testing.T) {
	r := asked(t)
	r.apply(event.Event{Path: "ask", Body: event.StepFailed{Error: event.Failure{Message: "late"}}})
	r.apply(event.Event{Path: "ask", By: &event.Actor{User: "kim"}, Body: event.StepRetried{}})
	r.apply(event.Event{Path: "ask", Body: event.ApprovalAsked{Text: "Close it?", Roles: []string{"commander"}, Need: 2, Target: "portal"}})
	e := r.signed(r.by("sam", "sam"), "sam")
	b := e.Body.(event.ApprovalGiven)
	b.Signed.Statement = strings.Replace(b.Signed.Statement, "step: ask\n", "step: other\n", 1)
	r.refused(authority.OtherStatement, authority.Under(e, b.Signed), "what was signed is about another step")
}

// What was asked before the inputs changed, or in an earlier attempt, is another
// question: it was asked at another time, even if all else is the same.
func TestAnswerToAnEarlierAskingDoesNotCount(t *testing.T) {
	r := asked(t)
	before := r.signed(r.by("sam", "sam"), "sam")
	r.apply(event.Event{Path: "ask", Body: event.StepFailed{Error: event.Failure{Message: "late"}}})
	r.apply(event.Event{Path: "ask", By: &event.Actor{User: "kim"}, Body: event.StepRetried{}})
	r.apply(event.Event{Path: "ask", Body: event.ApprovalAsked{Text: "Close it?", Roles: []string{"commander"}, Need: 2, Target: "portal"}})
	before.Time = r.now.Add(time.Second)
	r.refused(authority.OtherStatement, before, "an answer to another question")
}

func TestAnswerToAnotherAttemptDoesNotCount(t *testing.T) {
	r := asked(t)
	e := r.signed(r.by("sam", "sam"), "sam")
	s := e.Body.(event.ApprovalGiven).Signed
	s.Statement = strings.Replace(s.Statement, "attempt: 1\n", "attempt: 2\n", 1)
	r.refused(authority.OtherStatement, authority.Under(e, s), "about another attempt")
}

func TestAnswerToOtherInputsDoesNotCount(t *testing.T) {
	other := asked(t)
	other.now = time.Unix(1000, 0).UTC()
	other.state = engine.New(other.state.Plan())
	other.apply(event.Event{By: &event.Actor{User: "kim"}, Body: event.RunStarted{Run: other.run, PlanDigest: "plan"}})
	other.apply(event.Event{Path: "ask", Body: event.ApprovalAsked{Text: "Close it?", Roles: []string{"commander"}, Need: 2, Target: "intranet"}})
	stolen := other.signed(other.by("sam", "sam"), "sam")
	r := asked(t)
	require.Equal(t, r.now, other.now, "all else is the same")
	r.refused(authority.OtherStatement, stolen, "another question")
}

// A no that somebody signed is not turned into a yes, nor one's yes into
// another's.
func TestSignedWordsCannotBeTurned(t *testing.T) {
	r := asked(t)
	no := event.Event{Time: r.now.Add(time.Second), Path: "ask", By: &event.Actor{User: "dana", Person: "dana"}, Body: event.ApprovalRefused{Role: "commander"}}
	signed := r.signed(no, "dana").Body.(event.ApprovalRefused).Signed
	r.refused(authority.OtherStatement, authority.Under(r.by("dana", "dana"), signed), "about another decision")

	yes := r.signed(r.by("dana", "dana"), "dana").Body.(event.ApprovalGiven)
	yes.Comment = "and tell the press"
	e := r.by("dana", "dana")
	e.Body = yes
	r.refused(authority.OtherStatement, e, "about another comment")
	yes.Comment, yes.BreakGlass = "", "nobody answers"
	e.Body = yes
	r.rules.BreakGlass = []string{"commander"}
	r.refused(authority.OtherStatement, e, "about another decision")
	r.refused(authority.OtherStatement, authority.Under(r.by("sam", "sam"), r.signed(r.by("dana", "dana"), "dana").Body.(event.ApprovalGiven).Signed), "about another person")
}

func TestStatementCountsOnce(t *testing.T) {
	r := asked(t)
	e := r.signed(r.by("dana", "dana"), "dana")
	r.counts(e)
	e.Time = e.Time.Add(time.Second)
	_, err := engine.Apply(r.state, e)
	require.Error(t, err)
}

func TestSignatureCountsUntilItsEnd(t *testing.T) {
	r := asked(t)
	e := r.signed(r.by("dana", "dana"), "dana")
	e.Time = r.now.Add(r.expiry + time.Second)
	r.refused(authority.SignatureExpired, e, "what was signed counted until")
}

func TestExpiredKeyDoesNotCount(t *testing.T) {
	r := asked(t)
	e := r.signed(r.by("sam", "sam"), "sam")
	r.rules.People[1].Keys[0].Before = e.Time.Add(-time.Second)
	r.refused(authority.KeyEnded, e, "has not counted since")
	r.rules.People[1].Keys[0].Before, r.rules.People[1].Keys[0].After = time.Time{}, e.Time.Add(time.Second)
	r.refused(authority.KeyEnded, e, "counts only from")
	r.rules.People[1].Keys[0].After, r.rules.People[1].Keys[0].Namespaces = time.Time{}, []string{"irctl-runbook@v1"}
	r.refused(authority.KeyEnded, e, "does not count for irctl-approval@v1")
}

func TestRevokedKeyDoesNotCount(t *testing.T) {
	r := asked(t)
	e := r.signed(r.by("sam", "sam"), "sam")
	r.rules.People[1].Keys[0].Revoked = true
	r.refused(authority.KeyEnded, e, "the key was revoked")
	r.refused(authority.NotSigned, r.by("sam", "sam"), "not signed")
}

// That all keys have ended does not open the way to answers without one.
func TestEndedKeysDoNotMakeWayForUnsignedAnswers(t *testing.T) {
	r := asked(t)
	for i := range r.rules.People {
		for j := range r.rules.People[i].Keys {
			r.rules.People[i].Keys[j].Revoked = true
		}
	}
	r.refused(authority.NotSigned, r.by("dana", "dana"), "not signed")
}

func TestForgedSignatureDoesNotCount(t *testing.T) {
	r := asked(t)
	e := r.signed(r.by("sam", "sam"), "sam")
	good := e.Body.(event.ApprovalGiven).Signed
	other := r.signed(r.by("dana", "dana"), "dana").Body.(event.ApprovalGiven).Signed

	bad := good
	bad.Signature = other.Signature
	r.refused(authority.BadSignature, authority.Under(e, bad), "not of this text")
	bad = good
	bad.Signature = ""
	r.refused(authority.BadSignature, authority.Under(e, bad), "not an SSH signature")
	bad = good
	bad.Key = other.Key
	r.refused(authority.BadSignature, authority.Under(e, bad), "another key made it")
	bad = good
	bad.Statement += "and more\n"
	r.refused(authority.OtherStatement, authority.Under(e, bad), "about another")
	bad = good
	bad.Statement = strings.Replace(bad.Statement, "nonce: "+r.nonce, "nonce: A", 1)
	r.refused(authority.BadSignature, authority.Under(e, bad), "no nonce")

	file, err := r.keys["sam"].Sign(context.Background(), "file", []byte(good.Statement))
	require.NoError(t, err)
	bad = good
	bad.Signature = file
	r.refused(authority.BadSignature, authority.Under(e, bad), `it is for "file"`)
}

func TestStrangersKeyDoesNotCount(t *testing.T) {
	r := asked(t)
	r.keys["eve"] = signer(t, "eve")
	r.refused(authority.KeyUnknown, r.signed(r.by("eve", "sam"), "eve"), "is not a key of sam")
	r.refused(authority.NotHolder, r.signed(r.by("alex", "alex"), "alex"), "who is not commander")
}

// Kim started the run: whoever hands the answer in, it is Kim's.
func TestRequesterDoesNotAgreeFromElsewhere(t *testing.T) {
	r := asked(t)
	r.refused(authority.IsRequester, r.signed(r.by("somebody", "kim"), "kim"), "kim may be who started the run")
	r.counts(r.signed(r.by("kim", "sam"), "sam")) // brought by the requester, signed by Sam
}

func TestAccountThatIsEverybodysMayBeTheRequester(t *testing.T) {
	r := asked(t)
	for i := range r.rules.People {
		r.rules.People[i].User = "*"
	}
	r.refused(authority.IsRequester, r.signed(r.by("kim", "sam"), "sam"), "sam may be who started the run")
}

func TestSignedWhereNobodyHasKeysIsNobodys(t *testing.T) {
	r := asked(t)
	e := r.signed(r.by("dana", "dana"), "dana")
	for i := range r.rules.People {
		r.rules.People[i].Keys = nil
	}
	r.refused(authority.NobodySigns, e, "nobody whom it could be from has a key")
	require.NoError(t, r.may(r.by("dana", "dana")))
}

func TestChooseGoesByTheKey(t *testing.T) {
	r := asked(t)
	by, err := r.rules.Choose(authority.Speaker{Account: "root", Key: r.keys["sam"].Key()}, []string{"commander"})
	require.NoError(t, err)
	require.Equal(t, "sam", by.Person)
	_, err = r.rules.Choose(authority.Speaker{Account: "sam", Person: "sam", Key: r.keys["dana"].Key()}, []string{"commander"})
	require.ErrorContains(t, err, "is the key of dana")
}

// delegation hands a role of somebody over.
func (r *room) delegation(from, to, role string, hours int) event.Event {
	now := r.now.Add(time.Second)
	return event.Event{Time: now, By: &event.Actor{User: from, Person: from},
		Body: event.AuthorityDelegated{To: to, Role: role, Until: now.Add(time.Duration(hours) * time.Hour), Reason: "end of shift"}}
}

func TestHandOverMovesAVoiceAndAddsNone(t *testing.T) {
	r := asked(t)
	r.refused(authority.NotSigned, r.delegation("dana", "alex", "commander", 8), "not signed")
	r.refused(authority.HasRole, r.signed(r.delegation("dana", "sam", "commander", 8), "dana"), "sam is commander already")
	r.refused(authority.TooLong, r.signed(r.delegation("dana", "alex", "commander", 80), "dana"), "72 hours at most")
	r.refused(authority.Unknown, r.signed(r.delegation("dana", "eve", "commander", 8), "dana"), "nobody called")
	r.refused(authority.NotHolder, r.signed(r.delegation("alex", "dana", "commander", 8), "alex"), "who is not commander")

	r.counts(r.signed(r.delegation("dana", "alex", "commander", 8), "dana"))
	r.refused(authority.NotHolder, r.signed(r.by("dana", "dana"), "dana"), "who is not commander")
	r.counts(r.signed(r.by("alex", "alex"), "alex"))

	late := r.by("alex", "alex")
	late.Time = r.now.Add(9 * time.Hour)
	r.expiry = 10 * time.Hour
	r.refused(authority.NotHolder, r.signed(late, "alex"), "who is not commander")
	late = r.by("dana", "dana")
	late.Time = r.now.Add(9 * time.Hour)
	r.refused(authority.VoiceGiven, r.signed(late, "dana"), "alex has agreed, for dana") // the time of the hand-over is up
}

func TestHandOverToSomebodyWithoutAKeyIsNone(t *testing.T) {
	r := asked(t)
	r.rules.People[3].Keys = nil
	r.refused(authority.NoKey, r.signed(r.delegation("dana", "alex", "commander", 8), "dana"), "alex has no key")
}

func TestAbsenceNeverBlocks(t *testing.T) {
	r := asked(t)
	away := func(person int, standIn string) {
		r.rules.People[person].Absent = []environment.Absence{{From: r.now.Add(-time.Hour), Until: r.now.Add(time.Hour), StandIn: standIn}}
	}
	away(0, "alex")
	r.refused(authority.Away, r.signed(r.by("dana", "dana"), "dana"), "dana is absent until")
	require.NoError(t, r.may(r.signed(r.by("alex", "alex"), "alex")))

	away(3, "dana") // each stands in for the other: then both are there
	require.NoError(t, r.may(r.signed(r.by("dana", "dana"), "dana")))

	back := r.by("dana", "dana")
	back.Time = r.now.Add(2 * time.Hour)
	r.expiry = 3 * time.Hour
	require.NoError(t, r.may(r.signed(back, "dana")))
}

func TestBreakingTheGlassNeedsThePolicy(t *testing.T) {
	r := asked(t)
	glass := func(person string) event.Event {
		e := r.by(person, person)
		e.Body = event.ApprovalGiven{Role: "legal", BreakGlass: "nobody answers"}
		return r.signed(e, person)
	}
	r.refused(authority.NoBreakGlass, glass("alex"), "its policy does not permit it")
	r.rules.BreakGlass = []string{"legal"}
	r.refused(authority.NotHolder, glass("dana"), "who is not legal")
	e := r.by("alex", "alex")
	e.Body = event.ApprovalGiven{Role: "legal", BreakGlass: "nobody answers"}
	r.refused(authority.NotSigned, e, "not signed")
	r.counts(glass("alex"))
	step, _ := r.state.Step("ask")
	require.Equal(t, engine.Concluding, step.Phase, "alone")
	require.Len(t, r.state.BrokenGlass(), 1)
}

// A voice that was given is not given again by whom the role moved to: neither by
// a hand-over, nor by one of that, nor by an absence that begins in between.
func TestAVoiceCountsOnceWhoeverHasItNow(t *testing.T) {
	r := asked(t)
	r.counts(r.signed(r.by("dana", "dana"), "dana"))
	r.counts(r.signed(r.delegation("dana", "alex", "commander", 8), "dana"))
	r.refused(authority.VoiceGiven, r.signed(r.by("alex", "alex"), "alex"), "dana has agreed, for whom alex would answer")
	r.counts(r.signed(r.by("sam", "sam"), "sam"))

	r = asked(t)
	r.counts(r.signed(r.by("dana", "dana"), "dana"))
	r.rules.People[0].Absent = []environment.Absence{{From: r.now.Add(time.Minute), Until: r.now.Add(time.Hour), StandIn: "alex"}}
	later := r.by("alex", "alex")
	later.Time = r.now.Add(2 * time.Minute)
	r.refused(authority.VoiceGiven, r.signed(later, "alex"), "dana has agreed")

	r = asked(t)
	r.counts(r.signed(r.delegation("dana", "alex", "commander", 8), "dana"))
	r.counts(r.signed(r.by("alex", "alex"), "alex"))
	back := r.by("dana", "dana")
	back.Time = r.now.Add(9 * time.Hour)
	r.expiry = 10 * time.Hour
	r.refused(authority.VoiceGiven, r.signed(back, "dana"), "alex has agreed, for dana")

	// Who has two voices gives one; the other is whoever's it was.
	r = asked(t)
	r.rules.People[0].Absent = []environment.Absence{{From: r.now.Add(-time.Hour), Until: r.now.Add(time.Hour), StandIn: "alex"}}
	r.rules.People[1].Absent = r.rules.People[0].Absent
	r.counts(r.signed(r.by("alex", "alex"), "alex"))
	back = r.by("sam", "sam")
	back.Time = r.now.Add(2 * time.Hour)
	r.expiry = 3 * time.Hour
	require.NoError(t, r.may(r.signed(back, "sam")))
}

// Starting a run is not signed. Whom no account tells from the one that started it
// may be that one.
func TestWhoHasNoAccountMayBeTheRequester(t *testing.T) {
	r := asked(t)
	for i := range r.rules.People {
		r.rules.People[i].User = ""
	}
	r.refused(authority.IsRequester, r.signed(r.by("anybody", "sam"), "sam"), "sam may be who started the run")
	r.rules.People[1].User = "sam"
	require.NoError(t, r.may(r.signed(r.by("anybody", "sam"), "sam")))
}

// A rollback asks anew those who agreed: whoever holds what somebody signed for a
// step has nothing for its undo, nor the reverse.
func TestASignatureForAStepDoesNotServeForItsUndo(t *testing.T) {
	undoing := func(r *room, person string, undo bool) event.Event {
		e := r.by(person, person)
		e.Body = event.ApprovalGiven{Role: "commander", Undo: undo}
		return e
	}
	r := asked(t)
	r.state = engine.State{}
	ask := plantest.Node(plan.Approve, "ask")
	ask.Approval = &plan.Approval{Roles: []string{"commander"}, Need: 2, NotRequester: true}
	r.state = engine.New(plantest.Build(ask, plantest.Do("act")))
	r.apply(event.Event{By: &event.Actor{User: "kim"}, Body: event.RunStarted{Run: r.run, PlanDigest: "plan"}})
	r.apply(event.Event{Path: "ask", Body: event.ApprovalAsked{Text: "May ask be undone? 1 steps go back.", Roles: []string{"commander"}, Need: 2}})
	early := r.signed(undoing(r, "sam", true), "sam") // of an undo that nobody asks for
	_, err := engine.Apply(r.state, early)
	require.ErrorContains(t, err, "which nobody asks")
	step := r.signed(r.by("dana", "dana"), "dana")
	r.counts(step)
	r.counts(r.signed(r.by("sam", "sam"), "sam"))
	r.apply(event.Event{Path: "ask", Body: event.StepSucceeded{}})
	r.apply(event.Event{Path: "act", Body: event.AttemptStarted{Attempt: 1, Action: "a", Key: "k"}})
	r.apply(event.Event{Path: "act", Body: event.AttemptRecorded{Attempt: 1, Record: event.Values{"was": "on"}}})
	r.apply(event.Event{Path: "act", Body: event.StepSucceeded{Attempt: 1, Changed: true}})
	r.apply(event.Event{Body: event.RunEnded{Status: event.Succeeded}})
	r.apply(event.Event{By: &event.Actor{User: "kim"}, Body: event.RollbackStarted{}})

	replayed := undoing(r, "dana", true)
	r.refused(authority.OtherStatement, authority.Under(replayed, step.Body.(event.ApprovalGiven).Signed), "about another")
	r.refused(authority.OtherStatement, authority.Under(replayed, early.Body.(event.ApprovalGiven).Signed), "about another")
	r.refused(authority.NotSigned, replayed, "not signed")

	good := r.signed(replayed, "dana")
	require.Contains(t, good.Body.(event.ApprovalGiven).Signed.Statement, "\nabout: undoing the step\n")
	require.Contains(t, step.Body.(event.ApprovalGiven).Signed.Statement, "\nabout: the step\n")
	_, err = engine.Apply(r.state, authority.Under(undoing(r, "dana", false), good.Body.(event.ApprovalGiven).Signed))
	require.ErrorContains(t, err, "what is asked is whether it may be undone")
	r.refused(authority.IsRequester, r.signed(undoing(r, "kim", true), "kim"), "kim may be who started the run")
	r.counts(good)
	r.counts(r.signed(undoing(r, "sam", true), "sam"))
	gate, _ := r.state.Step("ask")
	require.Equal(t, engine.UndoGranted, gate.Undo.Phase)
}

// What somebody signed is read in one way: where a text ends, and what it is, does
// not hang on what stands in it.
func TestAStatementIsReadInOneWay(t *testing.T) {
	r := asked(t)
	given := func(b event.ApprovalGiven) string {
		e := r.by("dana", "dana")
		e.Body = b
		statement, err := authority.StatementOf(r.state, e, r.nonce, r.now)
		require.NoError(t, err)
		return statement.Text()
	}
	texts := map[string]event.ApprovalGiven{}
	for _, b := range []event.ApprovalGiven{
		{}, {Comment: "ab"}, {BreakGlass: "ab"}, {BreakGlass: "a", Comment: "b"}, {BreakGlass: "b", Comment: "a"},
		{Comment: "ab\nrole: legal"}, {Comment: `"ab"`}, {Comment: `ab\n`}, {Comment: "a", Role: "b"},
	} {
		text := given(b)
		require.Empty(t, texts[text], "%+v is signed as %+v is", b, texts[text])
		texts[text] = b
		require.Len(t, strings.Split(text, "\n"), 16, text)
	}
	require.Contains(t, given(event.ApprovalGiven{BreakGlass: "nobody answers", Comment: "at 3"}), "\nreason: nobody answers\ncomment: at 3\n")
}

// What was done with a key before it was revoked counts no more where it still
// opens something: a role that it handed over has not moved, and a yes that waits
// for others is no yes.
func TestWhatARevokedKeyBeganDoesNotGoOn(t *testing.T) {
	r := asked(t)
	r.counts(r.signed(r.delegation("dana", "alex", "commander", 8), "dana2"))
	require.NoError(t, r.may(r.signed(r.by("alex", "alex"), "alex")))
	r.rules.People[0].Keys[1].Revoked = true // dana2
	r.refused(authority.NotHolder, r.signed(r.by("alex", "alex"), "alex"), "who is not commander")
	r.refused(authority.NotHolder, r.signed(r.delegation("alex", "dana", "commander", 8), "alex"), "who is not commander")
	require.NoError(t, r.may(r.signed(r.by("dana", "dana"), "dana")), "with her other key she is who she was")

	r = asked(t)
	r.counts(r.signed(r.by("dana", "dana"), "dana2"))
	r.rules.People[0].Keys[1].Revoked = true
	r.refused(authority.KeyEnded, r.signed(r.by("sam", "sam"), "sam"), "of dana with "+r.keys["dana2"].Key().Fingerprint()+" does not count: the key was revoked since")
	no := r.by("sam", "sam")
	no.Body = event.ApprovalRefused{Role: "commander"}
	require.NoError(t, r.may(r.signed(no, "sam")), "so that it is asked anew")
}

// Whoever started the run gives no yes by the mouth of another, and an absence
// that the environment names blocks nobody.
func TestTheRequesterHandsNoYesOn(t *testing.T) {
	r := asked(t)
	r.counts(r.signed(r.delegation("kim", "alex", "commander", 8), "kim"))
	r.refused(authority.IsRequester, r.signed(r.by("alex", "alex"), "alex"), "alex would answer for kim, who may be who started the run")

	r.rules.People[0].Absent = []environment.Absence{{From: r.now.Add(-time.Hour), Until: r.now.Add(time.Hour), StandIn: "alex"}}
	require.NoError(t, r.may(r.signed(r.by("alex", "alex"), "alex")), "for dana")

	r = asked(t)
	r.rules.People[2].Absent = []environment.Absence{{From: r.now.Add(-time.Hour), Until: r.now.Add(time.Hour), StandIn: "alex"}}
	require.NoError(t, r.may(r.signed(r.by("alex", "alex"), "alex")))
}

// A hand-over of another run, of a role that one has for a time only, and the same
// one twice.
func TestAHandOverIsNotWidened(t *testing.T) {
	r := asked(t)
	first := r.signed(r.delegation("dana", "alex", "commander", 1), "dana")
	elsewhere := asked(t)
	elsewhere.run = "01OTHER"
	elsewhere.begin()
	elsewhere.refused(authority.OtherStatement, first, "about another run")
	r.counts(first)
	_, err := engine.Apply(r.state, func() event.Event { e := first; e.Time = r.now.Add(time.Second); return e }())
	require.ErrorContains(t, err, "has counted already")
	wider := first
	b := first.Body.(event.AuthorityDelegated)
	b.Until = b.Until.Add(time.Hour)
	wider.Body = b
	r.refused(authority.OtherStatement, wider, "about another until")

	// alex hands on what ends in an hour, for eight.
	r.rules.People = append(r.rules.People, environment.Person{Name: "eve", User: "eve", Keys: []environment.Key{{Key: r.keys["dana2"].Key()}}})
	r.rules.People[0].Keys = r.rules.People[0].Keys[:1]
	r.counts(r.signed(r.delegation("alex", "eve", "commander", 8), "alex"))
	require.NoError(t, r.may(r.signed(r.by("eve", "eve"), "dana2")))
	late := r.by("eve", "eve")
	late.Time = r.now.Add(2 * time.Hour)
	r.expiry = 10 * time.Hour
	r.refused(authority.NotHolder, r.signed(late, "dana2"), "who is not commander")
}
