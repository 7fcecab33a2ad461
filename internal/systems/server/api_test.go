package server_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/systems/server"
	"github.com/irctl/irctl/pkg/action"
)

func TestCheckURL(t *testing.T) {
	for _, c := range []struct {
		api  server.API
		want string
	}{
		{server.API{URL: "https://a.example.com/below", Token: action.NewSecret("t")}, ""},
		{server.API{URL: "http://127.0.0.1:80", Token: action.NewSecret("t")}, ""},
		{server.API{URL: "http://localhost", Token: action.NewSecret("t")}, ""},
		{server.API{URL: "http://a.example.com"}, ""},
		{server.API{URL: "http://a.example.com", Token: action.NewSecret("t")}, "would have token travel unencrypted"},
		{server.API{URL: "http://a.example.com", Password: action.NewSecret("p")}, "would have password travel unencrypted"},
		{server.API{URL: "http://a.example.com", Token: action.NewSecret("t"), Plaintext: true}, ""},
		{server.API{URL: "https://a.example.com/?q=1"}, "is not where the system is"},
		{server.API{URL: "https://u:p@a.example.com"}, "is not where the system is"},
		{server.API{URL: "ftp://a.example.com"}, "is not where the system is"},
		{server.API{}, "is not where the system is"},
	} {
		got := ""
		for _, p := range c.api.Check() {
			require.Equal(t, "url", p.Input)
			got += p.Message
		}
		require.Equal(t, c.want, got, c.api.URL)
	}
}
