package httpclient_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/pkg/action"
)

func TestCheckURL(t *testing.T) {
	for _, c := range []struct {
		config action.Values
		want   string
	}{
		{action.Values{"url": "https://a.example.com/below", "token": "t"}, ""},
		{action.Values{"url": "http://127.0.0.1:80", "token": "t"}, ""},
		{action.Values{"url": "http://localhost", "token": "t"}, ""},
		{action.Values{"url": "http://a.example.com"}, ""},
		{action.Values{"url": "http://a.example.com", "token": "t"}, "would have token travel unencrypted"},
		{action.Values{"url": "http://a.example.com", "password": "p"}, "would have password travel unencrypted"},
		{action.Values{"url": "http://a.example.com", "token": "t", "plaintext": true}, ""},
		{action.Values{"url": "https://a.example.com/?q=1"}, "is not where the system is"},
		{action.Values{"url": "https://u:p@a.example.com"}, "is not where the system is"},
		{action.Values{"url": "ftp://a.example.com"}, "is not where the system is"},
		{action.Values{}, "is not where the system is"},
	} {
		got := ""
		for _, p := range httpclient.CheckURL(c.config, "token", "password") {
			require.Equal(t, "url", p.Input)
			got += p.Message
		}
		require.Equal(t, c.want, got, c.config)
	}
}
