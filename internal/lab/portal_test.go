package lab_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/lab"
)

func TestPagesOfThePortal(t *testing.T) {
	l := lab.Start(t)
	at := "http://" + l.Addresses().Portal
	for _, c := range []struct {
		path   string
		status int
		has    string
	}{
		{"/", 200, "Make a one-time payment"},
		{"/login", 200, `name="password"`},
		{"/payments", 200, `name="amount"`},
		{"/account", 401, "Please log in"},
		{"/other-ways-to-pay", 404, ""},
		{"/healthz", 200, `"maintenance":false`},
		{"/nothing", 404, ""},
	} {
		status, header, body := get(t, at+c.path)
		require.Equal(t, c.status, status, c.path)
		require.Contains(t, body, c.has, c.path)
		require.Equal(t, "no-store", header.Get("Cache-Control"))
	}
}

func TestMaintenance(t *testing.T) {
	l := lab.Start(t)
	at, folder := "http://"+l.Addresses().Portal, filepath.Join(l.Dir(), "portal")
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
	}
	write("other-ways-to-pay.html", "<p>By phone")
	write("maintenance.html", "<p>We are offline")
	status, _, _ := get(t, at+"/")
	require.Equal(t, 200, status, "a page alone changes nothing")

	write("maintenance", "")
	for _, path := range []string{"/", "/login", "/payments", "/account", "/nothing"} {
		status, header, body := get(t, at+path)
		require.Equal(t, 503, status, path)
		require.Equal(t, "3600", header.Get("Retry-After"))
		require.Equal(t, "<p>We are offline", body)
	}
	write("maintenance.html", `<meta name="retry-after" content="14400"><p>in about 4 hours`)
	_, header, _ := get(t, at+"/")
	require.Equal(t, "14400", header.Get("Retry-After"), "the header promises what the page does")

	status, _, body := get(t, at+"/other-ways-to-pay")
	require.Equal(t, 200, status)
	require.Equal(t, "<p>By phone", body)
	status, _, body = get(t, at+"/healthz")
	require.Equal(t, 200, status)
	require.Contains(t, body, `"maintenance":true`)

	require.NoError(t, os.Remove(filepath.Join(folder, "maintenance")))
	require.NoError(t, os.Remove(filepath.Join(folder, "other-ways-to-pay.html")))
	require.Equal(t, []lab.Entry{
		{System: "payments-page", Effect: lab.PaymentsPublished},
		{System: "portal", Effect: lab.PortalOffline},
		{System: "portal", Effect: lab.PortalOnline},
		{System: "payments-page", Effect: lab.PaymentsWithdrawn},
	}, what(t, l))
}

func TestSessionsEndWhenRevoked(t *testing.T) {
	l := lab.Start(t)
	at := "http://" + l.Addresses().Portal
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	browser := &http.Client{Jar: jar}
	login := func(password string) int {
		res, err := browser.PostForm(at+"/login", url.Values{"account": {"erin"}, "password": {password}})
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		return res.StatusCode
	}
	account := func() int {
		res, err := browser.Get(at + "/account")
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		return res.StatusCode
	}
	require.Equal(t, 401, login("wrong"))
	require.Equal(t, 200, login(lab.InitialPassword("erin")))
	require.Equal(t, 200, account())

	status, answer := asAdmin(t, l, http.MethodDelete, "/sessions/erin", "", "Idempotency-Key", "run/step")
	require.Equal(t, 200, status)
	require.EqualValues(t, 1, answer["revoked"])
	require.Equal(t, 401, account())
	_, answer = asAdmin(t, l, http.MethodDelete, "/sessions/erin", "", "X-Irctl-Key", "run/step")
	require.EqualValues(t, 0, answer["revoked"])
	status, _ = asAdmin(t, l, http.MethodDelete, "/sessions/nobody", "")
	require.Equal(t, 404, status)
	require.Equal(t, []lab.Entry{
		{System: "portal-sessions", Effect: lab.SessionsRevoked, Key: "run/step", Detail: "erin"},
		{System: "portal-sessions", Effect: lab.SessionsRevoked, Key: "run/step", Detail: "erin", Duplicate: true},
	}, what(t, l))
}

func TestOneTimePayment(t *testing.T) {
	l := lab.Start(t)
	for amount, want := range map[string]int{"12.50": 200, "0": 422, "NaN": 422, "": 422} {
		res, err := http.PostForm("http://"+l.Addresses().Portal+"/payments", url.Values{"loan": {"4000-1001"}, "amount": {amount}})
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, want, res.StatusCode, amount)
	}
}
