package requesttracker_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/systems/requesttracker"
	"github.com/irctl/irctl/pkg/action"
)

func TestTargetsThatCannotWork(t *testing.T) {
	token := action.NewSecret("t")
	for name, c := range map[string]struct {
		config action.Values
		want   []string
	}{
		"good":                    {action.Values{"url": "https://rt.example.com/rt", "token": token}, nil},
		"a password":              {action.Values{"url": "https://rt.example.com", "username": "irctl", "password": token}, nil},
		"unencrypted on loopback": {action.Values{"url": "http://127.0.0.1:8080", "token": token}, nil},
		"unencrypted elsewhere":   {action.Values{"url": "http://rt.example.com", "token": token}, []string{"url would have token travel unencrypted"}},
		"unencrypted, permitted":  {action.Values{"url": "http://rt.example.com", "token": token, "plaintext": true}, nil},
		"a ticket's address":      {action.Values{"url": "https://rt.example.com/Ticket/Display.html?id=1", "token": token}, []string{"url is not where the system is"}},
		"nobody to sign in as":    {action.Values{"url": "https://rt.example.com"}, []string{"token is needed, or username and password, and not both"}},
		"two ways to sign in":     {action.Values{"url": "https://rt.example.com", "token": token, "username": "irctl", "password": token}, []string{"token is needed, or username and password, and not both"}},
		"a user without password": {action.Values{"url": "https://rt.example.com", "username": "irctl"}, []string{"password goes with username"}},
		"no status to close with": {action.Values{"url": "https://rt.example.com", "token": token, "closed": []any{}}, []string{"closed names no status"}},
		"a machine, but not how":  {action.Values{"url": "https://rt.example.com", "token": token, "via": map[string]any{"port": int64(22)}}, []string{"via.port means nothing without ssh"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, p := range requesttracker.Target(true).Check(c.config) {
				require.NotEmpty(t, p.Hint)
				got = append(got, p.Input+" "+p.Message)
			}
			require.Equal(t, c.want, got)
		})
	}
}
