package notify

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"

	gosmtp "github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/pkg/action"
)

// notice is a request that tells the readers of a list, as it was approved.
func notice(t *testing.T, b *mailbox, list string) action.Request {
	req := startMail(t, b)
	req.Folder = t.TempDir()
	for name, text := range map[string]string{
		"list.csv": list, "codes": "code-1\ncode-2\ncode-3\ncode-4\n",
		"hello.en.txt": "Subject: Grüße, {{name|you}}\n\nYour code: {{code}}\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(req.Folder, name), []byte(text), 0o600))
	}
	given := action.Values{"notice": "./hello", "list": "list.csv", "codes": "codes"}
	req.With = actiontest.Fill(Draft().Spec().Inputs, given)
	r, err := Draft().Run(t.Context(), req, nil)
	require.NoError(t, err)
	given["approved"], given["batch"] = r.Outputs["digest"], int64(2)
	req.With = actiontest.Fill(Customers().Spec().Inputs, given)
	return req
}

const three = "address,name\na@example.com,\"Ana, Émile\"\nb@example.com,\n,By post\nc@example.com,C\n"

func TestCustomersAreToldOnceEach(t *testing.T) {
	b := &mailbox{}
	req := notice(t, b, three)
	out := &actiontest.Sink{}
	r, err := Customers().Run(t.Context(), req, out)
	require.NoError(t, err)
	require.Equal(t, action.Result{
		Outputs: map[string]any{"sent": int64(3), "refused": int64(0), "unknown": int64(0), "out_of_band": int64(1)},
		Changed: true, Summary: "3 of 4 readers have the notice, 1 without an address",
	}, r)
	require.Len(t, b.all(), 3)
	ids := map[string]bool{}
	for i, d := range b.all() {
		m, err := mail.ReadMessage(strings.NewReader(d.raw))
		require.NoError(t, err)
		subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
		require.NoError(t, err)
		require.Equal(t, []string{"Grüße, Ana, Émile", "Grüße, you", "Grüße, C"}[i], subject)
		to, err := m.Header.AddressList("To")
		require.NoError(t, err)
		require.Len(t, to, 1)
		require.Equal(t, d.to, []string{to[0].Address})
		_, err = m.Header.Date()
		require.NoError(t, err)
		body, err := quotedReader(m)
		require.NoError(t, err)
		require.Equal(t, []string{"Your code: code-1", "Your code: code-2", "Your code: code-4"}[i], strings.TrimSpace(body))
		ids[m.Header.Get("Message-Id")] = true
	}
	require.Len(t, ids, 3)
	require.NotContains(t, strings.Join(out.Lines(), "\n"), "code-")
	require.NotContains(t, fmt.Sprint(out.Recorded()), "code-")

	req.Record = out.Recorded()
	again, err := Customers().Run(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err)
	require.True(t, again.Changed)
	require.Len(t, b.all(), 3)
}

func quotedReader(m *mail.Message) (string, error) {
	b, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	return string(b), err
}
func TestNoValueBendsTheHeaders(t *testing.T) {
	b := &mailbox{}
	req := notice(t, b, "address,name\na@example.com,\n")
	text := "Subject: {{company}}\n\n{{company}}\n"
	require.NoError(t, os.WriteFile(filepath.Join(req.Folder, "hello.en.txt"), []byte(text), 0o600))
	req.With["values"] = map[string]any{"company": "B\r\nBcc: thief@example.net\r\n\r\n.\r\nMAIL FROM:<thief@example.net>"}
	r, err := Draft().Run(t.Context(), req, nil)
	require.NoError(t, err)
	req.With["approved"] = r.Outputs["digest"]
	_, err = Customers().Run(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err)
	require.Len(t, b.all(), 1)
	m, err := mail.ReadMessage(strings.NewReader(b.all()[0].raw))
	require.NoError(t, err)
	require.Equal(t, "B Bcc: thief@example.net . MAIL FROM:<thief@example.net>", m.Header.Get("Subject"))
	require.Empty(t, m.Header.Get("Bcc"))
}

func TestWhatIsNotWhatWasApprovedIsNotSent(t *testing.T) {
	b := &mailbox{}
	req := notice(t, b, three)
	for _, file := range []string{"list.csv", "hello.en.txt", "codes"} {
		path := filepath.Join(req.Folder, file)
		was, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, append(was, "x@example.com,x\n"...), 0o600))
		_, err = Customers().Run(t.Context(), req, &actiontest.Sink{})
		require.ErrorContains(t, err, "are not what was approved", file)
		require.NoError(t, os.WriteFile(path, was, 0o600))
	}
	req.With["values"] = map[string]any{"company": "Another"}
	_, err := Customers().Run(t.Context(), req, &actiontest.Sink{})
	require.ErrorContains(t, err, "are not what was approved")
	require.Empty(t, b.all())
}

func TestNobodyIsToldWhenTheRecordOfItCannotBeWritten(t *testing.T) {
	b := &mailbox{}
	full := errors.New("disk full")
	_, err := Customers().Run(t.Context(), notice(t, b, three), &actiontest.Sink{RefuseRecord: full})
	require.ErrorIs(t, err, full)
	require.Empty(t, b.all())
}

func TestRefusedReadersStandInTheListForPost(t *testing.T) {
	b := &mailbox{refuse: map[string]error{
		"a@example.com": &gosmtp.SMTPError{Code: 550, Message: "no such user"},
		"b@example.com": &gosmtp.SMTPError{Code: 452, Message: "mailbox full"},
	}}
	req := notice(t, b, three)
	out := &actiontest.Sink{}
	_, err := Customers().Run(t.Context(), req, out)
	require.ErrorContains(t, err, "1 of 4 readers have the notice, 1 refused by the mail server, 1 without an address, 1 to be tried again")
	require.Equal(t, "line,address,name,language,code_line,why\n"+
		"2,a@example.com,\"Ana, Émile\",,1,refused: 550 5.0.0 no such user\n"+
		"3,b@example.com,,,2,later: 452 4.0.0 mailbox full\n"+
		"4,,By post,,3,no address\n", string(out.Kept("out-of-band.csv")))

	b.refuse = nil
	req.Record = out.Recorded()
	r, err := Customers().Run(t.Context(), req, out)
	require.NoError(t, err)
	require.Equal(t, "2 of 4 readers have the notice, 1 refused by the mail server, 1 without an address", r.Summary)
	require.Len(t, b.all(), 2)
}

// TestAServerThatRefusesEverybodyIsNotTakenForRefusedReaders: they are tried
// again when somebody has mended it.
func TestAServerThatRefusesEverybodyIsNotTakenForRefusedReaders(t *testing.T) {
	b := &mailbox{text: &gosmtp.SMTPError{Code: 554, Message: "you are blocked"}}
	req := notice(t, b, three)
	out := &actiontest.Sink{}
	_, err := Customers().Run(t.Context(), req, out)
	require.ErrorContains(t, err, "refuses one after the other, the last with 554 5.0.0 you are blocked")
	b.text = nil
	req.Record = out.Recorded()
	_, err = Customers().Run(t.Context(), req, out)
	require.NoError(t, err)
	require.Len(t, b.all(), 3)
}

// TestALostAnswerIsUnknownOrLookedUp: with a lookup nobody is unknown.
func TestALostAnswerIsUnknownOrLookedUp(t *testing.T) {
	for _, lookup := range []bool{false, true} {
		b := &mailbox{lose: true}
		req := notice(t, b, three)
		want := "0 of 4 readers have the notice, 3 unknown, and not written to again, 1 without an address"
		if lookup {
			req = withLookup(t, b, req)
			want = "3 of 4 readers have the notice, 1 without an address"
		}
		r, err := Customers().Run(t.Context(), req, &actiontest.Sink{})
		require.NoError(t, err)
		require.Equal(t, want, r.Summary)
		require.Len(t, b.all(), 3)
	}
}

// TestNobodyIsToldWhenMailIsDown: the list for post and telephone has them all.
func TestNobodyIsToldWhenMailIsDown(t *testing.T) {
	req := notice(t, &mailbox{}, three)
	req.Target.Config["address"] = "127.0.0.1:1"
	out := &actiontest.Sink{}
	_, err := Customers().Run(t.Context(), req, out)
	require.ErrorContains(t, err, "0 of 4 readers have the notice, 1 without an address, 3 not written to yet, and then it stopped")
	require.Equal(t, 5, strings.Count(string(out.Kept("out-of-band.csv")), "\n"))
	require.False(t, action.IsDoubtful(err))
}
