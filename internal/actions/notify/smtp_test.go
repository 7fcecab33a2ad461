package notify

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"strings"
	"sync"
	"testing"

	gosmtp "github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/pkg/action"
)

// mailbox is a mail server that keeps what it gets.
type mailbox struct {
	mu sync.Mutex
	// refuse answers RCPT by address, and text answers DATA.
	refuse map[string]error
	text   error
	from   error
	lose   bool // the connection ends after the text, before the answer
	got    []delivered
}

type delivered struct {
	to  []string
	raw string
}

type conversation struct {
	box *mailbox
	c   *gosmtp.Conn
	to  []string
}

func (b *mailbox) NewSession(c *gosmtp.Conn) (gosmtp.Session, error) {
	return &conversation{box: b, c: c}, nil
}
func (*conversation) Reset()        {}
func (*conversation) Logout() error { return nil }
func (s *conversation) Mail(string, *gosmtp.MailOptions) error {
	s.to = nil
	return s.box.from
}

func (s *conversation) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	if err := s.box.refuse[to]; err != nil {
		return err
	}
	s.to = append(s.to, to)
	return nil
}

func (s *conversation) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	if s.box.text != nil {
		return s.box.text
	}
	s.box.got = append(s.box.got, delivered{s.to, string(raw)})
	if s.box.lose {
		return s.c.Conn().Close()
	}
	return nil
}

func (b *mailbox) all() []delivered {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]delivered(nil), b.got...)
}

// has answers lookups: 200 for a Message-ID that arrived.
func (b *mailbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := strings.TrimPrefix(r.URL.Path, "/")
	for _, d := range b.all() {
		if strings.Contains(d.raw, "<"+id+">") {
			return
		}
	}
	w.WriteHeader(http.StatusNotFound)
}

func startMail(t *testing.T, b *mailbox) action.Request {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := gosmtp.NewServer(b)
	server.Domain = "mail.example.org"
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(l) }()
	// The listener too: a server closed before it serves does not know it yet.
	t.Cleanup(func() { _ = server.Close(); _ = l.Close(); <-done })
	return action.Request{
		Run: "01JD", Path: "tell", Key: "01JD/tell", Attempt: 1,
		With: actiontest.Fill(Email().Spec().Inputs, action.Values{"to": []any{"dana@example.com", "sam@example.com"}, "subject": "Closed", "body": "We are closed.\n.\nStill here."}),
		Target: action.Target{Name: "mail", Type: "smtp", Config: actiontest.Fill(smtpTarget().Fields, action.Values{
			"address": l.Addr().String(), "from": "Example Bank <incident@example.org>",
		})},
		Allow: action.Allow{Loopback: true},
	}
}

func smtpTarget() action.TargetType {
	t, _ := Email().Spec().TargetType("smtp")
	return t
}

func withLookup(t *testing.T, b *mailbox, req action.Request) action.Request {
	web := httptest.NewServer(b)
	t.Cleanup(web.Close)
	req.Target.Config["lookup"] = web.URL + "/{message_id}"
	return req
}

func TestSendOnce(t *testing.T) {
	b := &mailbox{}
	req := withLookup(t, b, startMail(t, b))
	out := &actiontest.Sink{OnRecord: func(v map[string]any) {
		if v[recordDelivered] == nil {
			require.Empty(t, b.all(), "the record comes before the message")
		}
	}}
	r, err := Email().Run(t.Context(), req, out)
	require.NoError(t, err)
	id := r.Outputs["message_id"].(string)
	require.Equal(t, action.Result{
		Outputs: map[string]any{"message_id": id, "recipients": int64(2)},
		Changed: true, Summary: "the mail server took the message for 2 recipients",
	}, r)
	require.Regexp(t, `^[0-9a-f]{64}@example\.org$`, id)
	require.Len(t, b.all(), 1)
	require.Equal(t, []string{"dana@example.com", "sam@example.com"}, b.all()[0].to)
	m, err := mail.ReadMessage(strings.NewReader(b.all()[0].raw))
	require.NoError(t, err)
	require.Equal(t, "<"+id+">", m.Header.Get("Message-Id"))

	// A crash after the effect, with and without the last record.
	for _, record := range []map[string]any{out.Recorded(), {recordOffered: []any{"dana@example.com", "sam@example.com"}}} {
		req.Record = record
		i, err := Email().(action.Inspector).Inspect(t.Context(), req)
		require.NoError(t, err)
		require.True(t, i.Known && i.Desired)
		require.Equal(t, r.Outputs, i.Outputs)
		again, err := Email().Run(t.Context(), req, &actiontest.Sink{})
		require.NoError(t, err)
		require.True(t, again.Changed && !again.Already, "with a record it is the step's own message")
	}
	require.Len(t, b.all(), 1)
}

func TestNothingIsSentWhenTheRecordCannotBeWritten(t *testing.T) {
	b := &mailbox{}
	full := errors.New("disk full")
	_, err := Email().Run(t.Context(), startMail(t, b), &actiontest.Sink{RefuseRecord: full})
	require.ErrorIs(t, err, full)
	require.Empty(t, b.all())
}

func TestHeadersCannotBeInjected(t *testing.T) {
	b := &mailbox{}
	req := startMail(t, b)
	req.With["subject"] = "Hello\r\nBcc: thief@example.net\r\n\r\n<script>"
	req.With["body"] = "Text\r\n.\r\nMAIL FROM:<thief@example.net>\r\n"
	_, err := Email().Run(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err)
	require.Len(t, b.all(), 1)
	m, err := mail.ReadMessage(strings.NewReader(b.all()[0].raw))
	require.NoError(t, err)
	require.Equal(t, "Hello Bcc: thief@example.net <script>", m.Header.Get("Subject"))
	require.Empty(t, m.Header.Get("Bcc"))
	for _, hostile := range []string{"dana@example.com>\r\nRCPT TO:<thief@example.net", "dana@example.com\nBcc: x@example.net", "a@b, c@d", "Dana\r\nBcc: x <dana@example.com>", `"evil@attacker.test> NOTIFY=NEVER"@example.com`, `"a b"@example.com`, ""} {
		req.With["to"] = []any{hostile}
		_, err := Email().Run(t.Context(), req, &actiontest.Sink{})
		require.ErrorContains(t, err, "is not an e-mail address, so nothing was sent", hostile)
		require.NotContains(t, err.Error(), "\n")
	}
	req.With["to"], req.With["reply_to"] = []any{"dana@example.com"}, "x@example.com\r\nBcc: y@example.net"
	_, err = Email().Run(t.Context(), req, &actiontest.Sink{})
	require.Error(t, err)
	require.Len(t, b.all(), 1)
}

func TestARefusedRecipientDoesNotKeepItFromTheOthers(t *testing.T) {
	b := &mailbox{refuse: map[string]error{"sam@example.com": &gosmtp.SMTPError{Code: 550, Message: "no \x1b[31msuch user"}}}
	req := withLookup(t, b, startMail(t, b))
	out := &actiontest.Sink{}
	_, err := Email().Run(t.Context(), req, out)
	require.ErrorContains(t, err, "the message reached 1 of 2 recipients; the server refused sam@example.com (550")
	require.NotContains(t, err.Error(), "\x1b")
	var e *action.Error
	require.ErrorAs(t, err, &e)
	require.True(t, e.Permanent)
	require.False(t, e.Doubt)

	// The next attempt sends it to nobody who has it, also when the record of
	// the delivery was lost in a crash.
	b.refuse = nil
	for _, record := range []map[string]any{out.Recorded(), {recordOffered: []any{"dana@example.com"}}} {
		req.Record = record
		i, err := Email().(action.Inspector).Inspect(t.Context(), req)
		require.NoError(t, err)
		require.True(t, i.Known)
		require.False(t, i.Desired)
		b.got = b.got[:1]
		r, err := Email().Run(t.Context(), req, &actiontest.Sink{})
		require.NoError(t, err)
		require.Equal(t, int64(2), r.Outputs["recipients"])
		require.Len(t, b.all(), 2)
		require.Equal(t, []string{"sam@example.com"}, b.all()[1].to)
	}
}

func TestDeferredMayBeRetriedRejectedMayNot(t *testing.T) {
	for _, c := range []struct {
		name      string
		box       *mailbox
		permanent bool
	}{
		{"sender deferred", &mailbox{from: &gosmtp.SMTPError{Code: 451, Message: "later"}}, false},
		{"sender rejected", &mailbox{from: &gosmtp.SMTPError{Code: 550, Message: "never"}}, true},
		{"text deferred", &mailbox{text: &gosmtp.SMTPError{Code: 452, Message: "full"}}, false},
		{"text rejected", &mailbox{text: &gosmtp.SMTPError{Code: 554, Message: "spam"}}, true},
		{"recipients deferred", &mailbox{refuse: map[string]error{
			"dana@example.com": &gosmtp.SMTPError{Code: 450, Message: "greylisted"}, "sam@example.com": &gosmtp.SMTPError{Code: 550, Message: "no"},
		}}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Email().Run(t.Context(), startMail(t, c.box), &actiontest.Sink{})
			var e *action.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, c.permanent, e.Permanent)
			require.False(t, e.Doubt)
			require.Empty(t, c.box.all())
		})
	}
}

func TestALostConnectionAfterTheTextIsDoubtful(t *testing.T) {
	b := &mailbox{lose: true}
	req := startMail(t, b)
	out := &actiontest.Sink{}
	_, err := Email().Run(t.Context(), req, out)
	require.True(t, action.IsDoubtful(err), "%v", err)
	req.Record = out.Recorded()
	i, err := Email().(action.Inspector).Inspect(t.Context(), req)
	require.NoError(t, err)
	require.False(t, i.Known, "without a lookup nobody can tell")

	req = withLookup(t, b, req)
	i, err = Email().(action.Inspector).Inspect(t.Context(), req)
	require.NoError(t, err)
	require.True(t, i.Known && i.Desired)
}

func TestWhatNeverBeganIsKnown(t *testing.T) {
	b := &mailbox{}
	i, err := Email().(action.Inspector).Inspect(t.Context(), startMail(t, b))
	require.NoError(t, err)
	require.Equal(t, action.Inspection{Known: true, Repeatable: true, Current: "the message is not sent", Want: "the message is sent to 2 recipients", Outputs: map[string]any{}}, i)
}

func TestAPasswordNeedsEncryptionAndStaysOutOfErrors(t *testing.T) {
	b := &mailbox{}
	req := startMail(t, b)
	req.Target.Config["tls"] = "starttls"
	_, err := Email().Run(t.Context(), req, &actiontest.Sink{})
	require.ErrorContains(t, err, "does not offer encryption, so nothing was sent")
	req.Target.Config["tls"], req.Target.Config["username"] = "auto", "incident"
	req.Target.Config["password"] = action.NewSecret("canary-password")
	_, err = Email().Run(t.Context(), req, &actiontest.Sink{})
	require.ErrorContains(t, err, "does not let irctl sign in")
	require.NotContains(t, err.Error(), "canary")
	require.Empty(t, b.all())
}

func TestPreflightSendsNothing(t *testing.T) {
	b := &mailbox{}
	req := withLookup(t, b, startMail(t, b))
	require.Empty(t, Email().(action.Preflighter).Preflight(t.Context(), req))
	require.Empty(t, b.all())
	req.Allow = action.Allow{}
	require.Len(t, Email().(action.Preflighter).Preflight(t.Context(), req), 2)
}
