package lab_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/lab"
)

func TestProbes(t *testing.T) {
	l := lab.Start(t)
	at := l.Addresses()

	mail, err := lab.Probe(t.Context(), at, "mail", "", "")
	require.NoError(t, err)
	require.True(t, mail.Accepts, mail)
	require.Equal(t, 250, mail.Code)

	portal, err := lab.Probe(t.Context(), at, "portal", "", "")
	require.NoError(t, err)
	require.True(t, portal.Accepts, portal)

	folder := filepath.Join(l.Dir(), "portal")
	require.NoError(t, os.WriteFile(filepath.Join(folder, "maintenance.html"), []byte("<p>Pay by <b>phone</b> &amp; post</p>"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "maintenance"), nil, 0o600))
	portal, err = lab.Probe(t.Context(), at, "portal", "", "")
	require.NoError(t, err)
	require.Equal(t, lab.Answer{
		System: "portal", Code: 503, Text: []string{"Pay by phone & post"}, Headers: []string{"Retry-After: 3600"},
	}, portal)

	in, err := lab.Probe(t.Context(), at, "login", "alice", "")
	require.NoError(t, err)
	require.True(t, in.Accepts)
	out, err := lab.Probe(t.Context(), at, "login", "alice", "wrong")
	require.NoError(t, err)
	require.Equal(t, lab.Answer{System: "login", Code: 49, Text: []string{"alice: Invalid Credentials (49)"}}, out)
}
