package desk

import (
	"bytes"
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

	"github.com/irctl/irctl/internal/anchor"
	"github.com/irctl/irctl/internal/authority"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/plan/plantest"
	"github.com/irctl/irctl/internal/request"
	"github.com/irctl/irctl/internal/sshsig"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/journal"
)

// keyOf makes a key that is always the same for a name.
func keyOf(t *testing.T, name string) sshsig.Signer {
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

// keyed is the environment of an office whose people have keys.
func keyed(t *testing.T) string {
	return "irctl: v1\nkind: environment\nname: here\npeople:\n" +
		"  dana: {roles: [commander], keys: ['" + string(keyOf(t, "dana").Key()) + "']}\n" +
		"  sam: {roles: [commander], keys: ['" + string(keyOf(t, "sam").Key()) + "']}\n" +
		"  root: {roles: [it-lead], user: root, keys: ['" + string(keyOf(t, "root").Key()) + "']}\n"
}

// signing is a desk of an account that has a key.
func (o *office) signing(user, key string) *Desk {
	d := o.desk(user)
	d.Signer = func(func(sshsig.Key) bool) (sshsig.Signer, error) { return keyOf(o.t, key), nil }
	return d
}

// beginKeyed begins a run that asks two commanders who have keys, and drives it
// until it asks.
func (o *office) beginKeyed() string {
	ask := plantest.Node(plan.Approve, "ask")
	ask.Approval.Need = 2
	t := o.beginIn(keyed(o.t), plantest.Build(ask, plantest.Node(plan.Manual, "call")))
	o.driven(t).until(o.t, event.ApprovalAsked{}.Type())
	return t.Run()
}

// asked is an answer as somebody hands it in who writes the file by hand.
func (o *office) asked(run, account, person string) (event.Event, *Reading) {
	r, err := o.desk("root").ReadRun(run)
	require.NoError(o.t, err)
	return event.Event{Time: time.Now().UTC(), Path: "ask", By: &event.Actor{User: account, Person: person}, Body: event.ApprovalGiven{Role: "commander"}}, r
}

// Whoever can write into the inbox and holds one key has one voice.
func TestHandEditedInboxDoesNotApprove(t *testing.T) {
	o := newOffice(t)
	run := o.beginKeyed()
	who := func(person string) store.Who { return store.Who{User: "mallory", Person: person} }
	refused := func(why authority.Reason, person string, e event.Event) {
		t.Helper()
		var no *authority.Refusal
		require.ErrorAs(t, o.forge(run, who(person), e), &no)
		require.Equal(t, why, no.Reason)
	}
	e, r := o.asked(run, "mallory", "sam")
	refused(authority.NotSigned, "sam", e)

	d := o.signing("mallory", "dana")
	stolen, err := request.Sign(context.Background(), r.state, e, keyOf(t, "dana"))
	require.NoError(t, err)
	refused(authority.KeyUnknown, "sam", stolen)

	_, err = d.Submit(t.Context(), run, request.Answer{Step: "ask", Yes: true}, false)
	require.NoError(t, err, "one voice it has")
	_, err = d.Submit(t.Context(), run, request.Answer{Step: "ask", Yes: true}, false)
	require.ErrorContains(t, err, "dana has agreed already")

	// What was handed in before, once more and in another name.
	r, err = o.desk("root").ReadRun(run)
	require.NoError(t, err)
	step, _ := r.state.Step("ask")
	require.Len(t, step.Approvals, 1)
	for entry, err := range r.Entries() {
		require.NoError(t, err)
		given, err := event.Decode(entry.Line)
		require.NoError(t, err)
		if b, ok := given.Body.(event.ApprovalGiven); ok {
			e.Body = b
			refused(authority.OtherStatement, "sam", e)
		}
	}
	_, err = o.desk("mallory").Submit(t.Context(), run, request.Answer{Step: "ask", As: "sam", Yes: true}, false)
	var unsigned *request.UnsignedError
	require.ErrorAs(t, err, &unsigned)
}

// rewritten is a copy of a run's folder in which the journal says something else,
// every hash computed anew, as by somebody who knows the format.
func (o *office) rewritten(run string, change func(*event.Event)) *store.Reader {
	o.t.Helper()
	copied := filepath.Join(o.t.TempDir(), run)
	require.NoError(o.t, os.CopyFS(copied, os.DirFS(o.store.Folder(run))))
	file := filepath.Join(copied, "journal.jsonl")
	text, err := os.ReadFile(file)
	require.NoError(o.t, err)
	var out []byte
	head := journal.Genesis()
	for line := range bytes.Lines(text) {
		e, err := event.Decode(bytes.TrimSuffix(line, []byte("\n")))
		require.NoError(o.t, err)
		change(&e)
		body, err := e.Encode()
		require.NoError(o.t, err)
		sealed, next, err := journal.Seal(head, body)
		require.NoError(o.t, err)
		out, head = append(append(out, bytes.TrimSuffix(sealed, []byte("\n"))...), '\n'), next
	}
	require.NoError(o.t, os.WriteFile(file, out, 0o600))
	r, err := o.store.At(copied)
	require.NoError(o.t, err)
	return r
}

// Whoever rewrites a whole journal cannot make somebody have said something: what
// was said is signed.
func TestHandEditedJournalContradictsTheSignatures(t *testing.T) {
	o := newOffice(t)
	run := o.beginKeyed()
	for _, who := range []string{"dana", "sam"} {
		_, err := o.signing("root", who).Submit(t.Context(), run, request.Answer{Step: "ask", Yes: true, Comment: "go"}, false)
		require.NoError(t, err)
	}
	problems := func(change func(*event.Event)) string {
		var out []string
		r := o.rewritten(run, change)
		followed := follow(r, "")
		for entry, err := range r.Entries() {
			if err != nil {
				out = append(out, err.Error()) // the record of the end knows better
				break
			}
			followed.lines.add(entry)
		}
		followed.lines.end()
		<-followed.over
		for _, f := range followed.found {
			out = append(out, f.Problem)
		}
		return strings.Join(out, "\n")
	}
	require.Empty(t, problems(func(*event.Event) {}))

	given := func(change func(*event.Event, *event.ApprovalGiven)) func(*event.Event) {
		return func(e *event.Event) {
			if b, ok := e.Body.(event.ApprovalGiven); ok && e.By.Person == "sam" {
				change(e, &b)
				e.Body = b
			}
		}
	}
	for name, test := range map[string]struct {
		change func(*event.Event)
		want   string
	}{
		"another person":  {given(func(e *event.Event, _ *event.ApprovalGiven) { e.By = &event.Actor{User: "root", Person: "root"} }), "about another person"},
		"another comment": {given(func(_ *event.Event, b *event.ApprovalGiven) { b.Comment = "never" }), "about another comment"},
		"no signature":    {given(func(_ *event.Event, b *event.ApprovalGiven) { b.Signed = event.Signed{} }), "the answer is not signed"},
		"a broken glass":  {given(func(_ *event.Event, b *event.ApprovalGiven) { b.BreakGlass, b.Comment = "fire", "" }), "about another decision"},
		"another question": {func(e *event.Event) {
			if b, ok := e.Body.(event.ApprovalAsked); ok {
				b.Text = "May the lights be switched off?"
				e.Body = b
			}
		}, "an answer to another question"},
		"another run": {func(e *event.Event) {
			if b, ok := e.Body.(event.RunStarted); ok {
				b.PlanDigest = strings.Repeat("0", 64)
				e.Body = b
			}
		}, "about another plan"},
		"a no": {func(e *event.Event) {
			if b, ok := e.Body.(event.ApprovalGiven); ok && e.By.Person == "sam" {
				e.Body = event.ApprovalRefused{Role: b.Role, Comment: b.Comment, Signed: b.Signed}
			}
		}, "about another decision"},
	} {
		require.Contains(t, problems(test.change), test.want, name)
	}
}

// The people of a run are those that it was started with.
func TestChangedPeopleFileIsFoundAndNothingIsDone(t *testing.T) {
	o := newOffice(t)
	ask := plantest.Node(plan.Approve, "ask")
	run := o.beginIn(keyed(t), plantest.Build(ask))
	id := run.Run()
	run.Close()
	file := filepath.Join(o.store.Folder(id), "environment.yaml")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	text = bytes.ReplaceAll(text, []byte(keyOf(t, "sam").Key()), []byte(keyOf(t, "eve").Key()))
	require.NoError(t, os.Chmod(file, 0o600))
	require.NoError(t, os.WriteFile(file, text, 0o600))

	_, err = o.signing("eve", "eve").Resume(t.Context(), id, "")
	var altered *AlteredError
	require.ErrorAs(t, err, &altered)
	require.ErrorContains(t, err, "environment.yaml is not the file that the run was started with")
	v, err := o.desk("root").Verify(id, journal.Given{}, anchor.Trust{})
	require.NoError(t, err)
	require.Equal(t, journal.Altered, v.Report.Verdict)
}

// A key that is found to be stolen counts no more, also in a run that is driven
// already: the machine's policy revokes it at once.
func TestPolicyRevokesAKeyOfARunThatIsDriven(t *testing.T) {
	policy, ds := environment.ParsePolicy("policy.yaml", []byte("irctl: v1\nkind: policy\nrevoked_keys: ['"+keyOf(t, "sam").Key().Fingerprint()+"']\nbreak_glass: [it-lead]\n"))
	require.Empty(t, ds)
	o := newOffice(t)
	run := o.beginKeyed()
	o.policy.Store(policy)
	_, err := o.signing("sam", "sam").Submit(t.Context(), run, request.Answer{Step: "ask", Yes: true}, false)
	require.ErrorContains(t, err, "the key was revoked")

	_, err = o.signing("root", "root").Submit(t.Context(), run, request.Answer{Step: "ask", Yes: true, BreakGlass: true, Comment: "both are on a plane"}, false)
	require.NoError(t, err)
	r, err := o.desk("root").ReadRun(run)
	require.NoError(t, err)
	status, err := o.desk("root").Status(r)
	require.NoError(t, err)
	require.Len(t, status.BreakGlass, 1)
	require.Contains(t, status.BreakGlass[0], "glass broken at ask by root (root@host)")
	require.Contains(t, status.BreakGlass[0], "both are on a plane")
	v, err := o.desk("root").Verify(run, journal.Given{}, anchor.Trust{})
	require.NoError(t, err)
	require.NotEqual(t, journal.Altered, v.Report.Verdict, "that it was permitted is not in the journal")
}

// TestAHandOverByARevokedKeyIsShownAsNone: what does not count is not listed as if
// it did.
func TestAHandOverByARevokedKeyIsShownAsNone(t *testing.T) {
	o := newOffice(t)
	run := o.beginKeyed()
	_, err := o.signing("sam", "sam").Submit(t.Context(), run, request.Delegate{To: "root", Role: "commander", Until: time.Now().Add(time.Hour), Reason: "end of shift"}, false)
	require.NoError(t, err)
	shown := func() string {
		r, err := o.desk("root").ReadRun(run)
		require.NoError(t, err)
		status, err := o.desk("root").Status(r)
		require.NoError(t, err)
		require.Len(t, status.Delegated, 1)
		return status.Delegated[0]
	}
	require.Contains(t, shown(), "root answers as commander instead of")
	policy, ds := environment.ParsePolicy("policy.yaml", []byte("irctl: v1\nkind: policy\nrevoked_keys: ['"+keyOf(t, "sam").Key().Fingerprint()+"']\n"))
	require.Empty(t, ds)
	o.policy.Store(policy)
	require.Contains(t, shown(), "does not count: the key that signed it was revoked since")
}
