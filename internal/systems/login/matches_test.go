package login

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEachMatchLineIsAboutAConnection: one that its conditions fit, whatever they
// say of accounts.
func TestEachMatchLineIsAboutAConnection(t *testing.T) {
	with := func(change func(*connection)) connection { c := near; change(&c); return c }
	for conditions, want := range map[string][]connection{
		"all":                      {near},
		"User alice,bob Group ops": {near},
		"Address 10.0.0.0/8,192.0.2.7,!10.1.0.0/16":    {with(func(c *connection) { c.addr = "10.0.0.1" }), with(func(c *connection) { c.addr = "192.0.2.7" })},
		`address "198.51.*"`:                           {with(func(c *connection) { c.addr = "198.51.1.1" })},
		"Address *":                                    {with(func(c *connection) { c.addr = "1.1.1.1" })},
		"Address 2001:db8::/32":                        {with(func(c *connection) { c.addr = "2001:db8::1" })},
		"Address 2001:db8:*":                           {with(func(c *connection) { c.addr = "2001:db8::1" })},
		"Address 203.0.113.9/32":                       {with(func(c *connection) { c.addr = "203.0.113.9" })},
		"LocalPort=2222 user bob":                      {with(func(c *connection) { c.lport = "2222" })},
		"Host *.example.com LocalAddress 192.0.2.0/24": {with(func(c *connection) { c.host, c.laddr = "x.example.com", "192.0.2.1" })},
	} {
		require.Equal(t, want, matched(conditions), conditions)
	}
}

// TestMatchLinesOfIncludedFilesCount: also in a file that includes itself.
func TestMatchLinesOfIncludedFilesCount(t *testing.T) {
	dir := t.TempDir()
	main := filepath.Join(dir, "sshd_config")
	require.NoError(t, os.WriteFile(main, []byte("Port 22\ninclude "+dir+"/d/*.conf "+dir+"/none\n  MATCH Address 10.0.0.0/8\n# Match Host no\nMatch User $(touch "+dir+"/oops)"), 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "d"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "d/one.conf"), []byte("Match LocalPort 2222\nInclude "+dir+"/last\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "last"), []byte("Match Host *"), 0o600))
	out, err := exec.Command("sh", "-c", matchScript, "sh", main).Output()
	require.NoError(t, err)
	require.Equal(t, "LocalPort 2222\nHost *\nAddress 10.0.0.0/8\nUser $(touch "+dir+"/oops)\n", string(out))
	require.NoFileExists(t, filepath.Join(dir, "oops"))
}
