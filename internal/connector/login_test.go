package connector_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/pkg/action"
)

// A person signs in once, by a code; what that leaves renews the tokens of requests.
func TestAPersonSignsInOnceByACode(t *testing.T) {
	const source = `irctl: v1
kind: connector
name: mail
summary: mail behind a person's sign-in
config:
  url: {type: string, required: true}
  login: {type: string, secret: true, required: true}
base: ${{ config.url }}
auth: {device: {device_url: '${{ config.url }}/device', token_url: '${{ config.url }}/token', client_id: irctl, scopes: mail, refresh_token: '${{ config.login }}'}}
actions:
  rule.list: {summary: List, description: Lists., effect: read, look: {rules: {get: /rules}}, outputs: {all: rules.json}}
`
	asked, answers := 0, []string{"authorization_pending", "slow_down", ""}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.URL.Path == "/device":
			require.Equal(t, []string{"irctl", "mail"}, []string{r.FormValue("client_id"), r.FormValue("scope")})
			_, _ = fmt.Fprint(w, `{"device_code": "device-c0de", "user_code": "ABCD-\u001b[2JEFGH", "verification_uri": "https://login.example.com/device", "interval": 1, "expires_in": 60}`)
		case r.FormValue("grant_type") == "refresh_token":
			require.Equal(t, "renewing", r.FormValue("refresh_token"))
			_, _ = fmt.Fprint(w, `{"access_token": "for-an-hour", "token_type": "bearer"}`)
		case r.URL.Path == "/token":
			require.Equal(t, "device-c0de", r.FormValue("device_code"))
			says := answers[min(asked, len(answers)-1)]
			if asked++; says != "" {
				w.WriteHeader(http.StatusBadRequest)
				_, _ = fmt.Fprintf(w, `{"error": %q}`, says)
				return
			}
			_, _ = fmt.Fprint(w, `{"access_token": "a", "token_type": "bearer", "refresh_token": "renewing"}`)
		default:
			require.Equal(t, "Bearer for-an-hour", r.Header.Get("Authorization"))
			_, _ = fmt.Fprint(w, `["a"]`)
		}
	}))
	defer s.Close()
	f := parse(t, "mail.yaml", source)
	a, req := call(t, f, "rule.list", s.URL, "")
	req.With, req.Target.Config = action.Values{}, action.Values{"url": s.URL, "login": action.NewSecret("nobody has signed in")}
	var told []string
	given, err := f.Login(unhurried(context.Background()), req, func(at, code string) { told = append(told, at, code) })
	require.NoError(t, err)
	require.Equal(t, "renewing", given.Reveal())
	require.Equal(t, []string{"https://login.example.com/device", "ABCD-␛[2JEFGH"}, told)
	req.Target.Config["login"] = given
	res, err := a.Run(context.Background(), req, &actiontest.Sink{})
	require.NoError(t, err)
	require.Equal(t, map[string]any{"all": []any{"a"}}, res.Outputs)

	asked, answers = 0, []string{"access_denied"}
	_, err = f.Login(unhurried(context.Background()), req, func(string, string) {})
	require.ErrorContains(t, err, "access_denied")
	asked, answers = 0, []string{"authorization_pending"}
	_, err = f.Login(unhurried(context.Background()), req, func(string, string) {})
	require.EqualError(t, err, "nobody has signed in while the code was good")
}
