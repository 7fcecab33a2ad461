package lab_test

import (
	"encoding/json"
	"net/http"
	"net/smtp"
	"net/textproto"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/lab"
)

func send(address, id string, to ...string) error {
	text := "Message-ID: <" + id + ">\r\nFrom: incident@example.org\r\nSubject: Greeting\r\n\r\nHello\r\n"
	return smtp.SendMail(address, nil, "incident@example.org", to, []byte(text))
}

func TestSuspendedMailIsDeferredAndNothingIsLost(t *testing.T) {
	l := lab.Start(t)
	at := l.Addresses().Mail
	require.NoError(t, send(at, "one@example.org", "dave@example.com"))
	for range 2 {
		status, _ := asAdmin(t, l, http.MethodPut, "/mail/state", `{"suspended": true, "notice": "We are offline.\nCall +1 555 0100"}`, "Idempotency-Key", "k1")
		require.Equal(t, 200, status)
	}
	err := send(at, "two@example.org", "dave@example.com")
	require.Equal(t, &textproto.Error{Code: 451, Msg: "4.3.2 We are offline. Call +1 555 0100"}, err)
	_, _, probe := get(t, "http://"+l.Addresses().Outside+"/probe/mail")
	require.JSONEq(t, `{"code": 451, "text": "4.3.2 We are offline. Call +1 555 0100", "accepts": false}`, probe)

	status, _ := asAdmin(t, l, http.MethodPut, "/mail/state", `{"suspended": false}`)
	require.Equal(t, 200, status)
	require.NoError(t, send(at, "two@example.org", "dave@example.com"))
	_, _, probe = get(t, "http://"+l.Addresses().Outside+"/probe/mail")
	require.Contains(t, probe, `"accepts":true,"code":250`)
	require.Len(t, l.Mail(), 2)
	require.Equal(t, []lab.Entry{
		{System: "corporate-mail", Effect: lab.MessageDelivered, Key: "one@example.org", Detail: "dave@example.com"},
		{System: "corporate-mail", Effect: lab.MailSuspended, Key: "k1"},
		{System: "corporate-mail", Effect: lab.MailSuspended, Key: "k1", Duplicate: true},
		{System: "corporate-mail", Effect: lab.MailRestored},
		{System: "corporate-mail", Effect: lab.MessageDelivered, Key: "two@example.org", Detail: "dave@example.com"},
	}, what(t, l))
}

func TestMailStateNeedsAState(t *testing.T) {
	l := lab.Start(t)
	status, answer := asAdmin(t, l, http.MethodPut, "/mail/state", `{"notice": "hm"}`)
	require.Equal(t, 400, status)
	require.Contains(t, answer["error"], "suspended")
	require.Empty(t, what(t, l))
}

func TestOutOfBandMailStaysUpAndRemembersIDs(t *testing.T) {
	l := lab.Start(t)
	asAdmin(t, l, http.MethodPut, "/mail/state", `{"suspended": true}`)
	at := l.Addresses()
	require.Error(t, send(at.OutsideMail, "x@irctl", "dave@example.com"), "the company's mail is elsewhere")
	id := "01J/contain/email@irctl"
	for range 2 {
		require.NoError(t, send(at.OutsideMail, id, "dana@example.org", "morgan@example.net"))
	}
	status, _, body := get(t, "http://"+at.Outside+"/mail/"+url.PathEscape(id))
	require.Equal(t, 200, status)
	var m lab.Message
	require.NoError(t, json.Unmarshal([]byte(body), &m))
	require.Equal(t, []string{"dana@example.org", "morgan@example.net"}, m.To)
	require.Equal(t, "Greeting", m.Subject)
	require.True(t, strings.HasSuffix(m.Source, "Hello\r\n"))
	status, _, _ = get(t, "http://"+at.Outside+"/mail/other")
	require.Equal(t, 404, status)
	post(t, l, "", "<b>bold</b>")
	_, _, page := get(t, "http://"+at.Outside+"/")
	require.Contains(t, page, "to dana@example.org, morgan@example.net")
	require.Contains(t, page, "&lt;b&gt;bold&lt;/b&gt;")
	want := lab.Entry{System: "out-of-band-mail", Effect: lab.MessageDelivered, Key: id, Detail: "dana@example.org, morgan@example.net"}
	again := want
	again.Duplicate = true
	require.Equal(t, []lab.Entry{want, again}, what(t, l)[1:3])
}

func post(t *testing.T, l *lab.Lab, key, text string) (answer map[string]any) {
	t.Helper()
	b, err := json.Marshal(map[string]string{"text": text})
	require.NoError(t, err)
	req, err := http.NewRequest(http.MethodPost, "http://"+l.Addresses().Outside+"/war-room", strings.NewReader(string(b)))
	require.NoError(t, err)
	req.Header.Set("Idempotency-Key", key)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	require.Equal(t, 200, res.StatusCode)
	require.NoError(t, json.NewDecoder(res.Body).Decode(&answer))
	return answer
}

func TestTheWarRoomDropsRepetitions(t *testing.T) {
	l := lab.Start(t)
	key := "01J/tell[0]/post"
	require.Equal(t, false, post(t, l, key, "one")["duplicate"])
	require.Equal(t, true, post(t, l, key, "one")["duplicate"])
	require.Len(t, l.WarRoom(), 1)
	status, _, _ := get(t, "http://"+l.Addresses().Outside+"/war-room/keys/"+url.PathEscape(key))
	require.Equal(t, 200, status)
	status, _, _ = get(t, "http://"+l.Addresses().Outside+"/war-room/keys/none")
	require.Equal(t, 404, status)
	require.Equal(t, []lab.Entry{
		{System: "war-room", Effect: lab.WebhookReceived, Key: key, Detail: "one"},
		{System: "war-room", Effect: lab.WebhookReceived, Key: key, Detail: "one", Duplicate: true},
	}, what(t, l))
}
