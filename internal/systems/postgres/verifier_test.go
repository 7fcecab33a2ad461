package postgres

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/pkg/action"
)

// TestVerifier holds the verifier against the exchange of RFC 7677 section 3:
// its ServerKey signs as the server does there.
func TestVerifier(t *testing.T) {
	salt, err := base64.StdEncoding.DecodeString("W22ZaJ0SNY7soEsUEjb6gQ==")
	require.NoError(t, err)
	v, err := verifierWith(action.NewSecret("pencil"), salt)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(v, "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"), v)
	key, err := base64.StdEncoding.DecodeString(v[strings.LastIndex(v, ":")+1:])
	require.NoError(t, err)
	nonce := "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
	said := "n=user,r=rOprNGfwEbeRWgbNEkqO," + nonce + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws," + nonce
	require.Equal(t, "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", base64.StdEncoding.EncodeToString(keyed(key, said)))
}

func TestEachVerifierHasASaltOfItsOwn(t *testing.T) {
	one, err := verifier(action.NewSecret("pencil"))
	require.NoError(t, err)
	two, err := verifier(action.NewSecret("pencil"))
	require.NoError(t, err)
	require.NotEqual(t, one, two)
	require.NotContains(t, one, "pencil")
}

func TestTarget(t *testing.T) {
	for _, c := range []struct {
		config map[string]any
		want   string
	}{
		{map[string]any{"admin": "irctl"}, ""},
		{map[string]any{"admin": "irctl", "address": "/var/run/postgresql"}, ""},
		{map[string]any{"admin": "irctl", "address": "/var/run/postgresql", "tls": true}, "tls does not go with a socket"},
		{map[string]any{"admin": "irctl", "address": "db.example.com"}, "address is neither host:port nor the folder of a socket"},
		{map[string]any{"admin": "irctl", "address": "db.example.com:5432"}, "address is another machine, and the connection is not encrypted"},
		{map[string]any{"admin": "irctl", "address": "db.example.com:5432", "tls": true}, ""},
		{map[string]any{"admin": "irctl", "address": "db.example.com:5432", "plaintext": true}, ""},
	} {
		tt := Target(true)
		config, problems := coerce.Fields(tt.Fields, c.config)
		require.Empty(t, problems)
		got := ""
		for _, p := range tt.Check(config) {
			got += p.Input + " " + p.Message
		}
		require.Equal(t, c.want, got)
	}
}
