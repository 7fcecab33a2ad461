package lab_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/lab"
)

// what leaves the times out of a ledger, so that the rest can be compared whole.
func what(t *testing.T, l *lab.Lab) []lab.Entry {
	t.Helper()
	entries, err := l.Ledger()
	require.NoError(t, err)
	for i := range entries {
		require.False(t, entries[i].Time.IsZero())
		entries[i].Time = lab.Entry{}.Time
	}
	return entries
}

func get(t *testing.T, url string) (int, http.Header, string) {
	t.Helper()
	res, err := http.Get(url)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, res.Header, string(b)
}

// asAdmin sends a request with the lab's token and decodes the JSON answer.
func asAdmin(t *testing.T, l *lab.Lab, method, path, body string, header ...string) (int, map[string]any) {
	t.Helper()
	req, err := http.NewRequest(method, "http://"+l.Addresses().Admin+path, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+l.AdminToken())
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	var out map[string]any
	require.NoError(t, json.NewDecoder(res.Body).Decode(&out))
	return res.StatusCode, out
}

func TestAdminNeedsItsToken(t *testing.T) {
	l := lab.Start(t)
	for _, path := range []string{"/instance", "/mail/state", "/sessions/alice", "/ledger"} {
		status, _, _ := get(t, "http://"+l.Addresses().Admin+path)
		require.Equal(t, http.StatusUnauthorized, status, path)
	}
}

func TestFilesAreTheOwnersAlone(t *testing.T) {
	l := lab.Start(t)
	require.NoError(t, filepath.WalkDir(l.Dir(), func(path string, d os.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := d.Info()
		require.NoError(t, err)
		require.Zero(t, info.Mode().Perm()&0o077, path)
		return nil
	}))
}

func TestASecondLabInTheSameFolderIsRefused(t *testing.T) {
	l := lab.Start(t)
	_, err := lab.New(lab.Config{Dir: l.Dir()})
	var busy *lab.BusyError
	require.ErrorAs(t, err, &busy)
	s, err := lab.Look(context.Background(), l.Dir())
	require.NoError(t, err)
	require.True(t, s.Running, "the first lab still says where it is")
}

func TestWhatHappenedOutlivesTheProcess(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "lab")
	l, err := lab.New(lab.Config{Dir: dir})
	require.NoError(t, err)
	addresses, before := l.Addresses(), l.Environment()
	environment, err := os.ReadFile(before)
	require.NoError(t, err)
	status, _ := asAdmin(t, l, http.MethodPut, "/mail/state", `{"suspended": true, "notice": "Call us"}`)
	require.Equal(t, http.StatusOK, status)
	setPassword(t, l, "alice", "a-new-password")
	require.NoError(t, send(l.Addresses().OutsideMail, "one@irctl", "dana@example.org"))
	post(t, l, "key-1", "hello")
	ledger := what(t, l)
	require.NoError(t, l.Close())
	require.NoError(t, l.Close(), "closing twice is harmless")

	l, err = lab.New(lab.Config{Dir: dir})
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	require.Equal(t, addresses, l.Addresses(), "ports are kept")
	again, err := os.ReadFile(l.Environment())
	require.NoError(t, err)
	require.Equal(t, string(environment), string(again))
	require.Equal(t, ledger, what(t, l))
	_, state := asAdmin(t, l, http.MethodGet, "/mail/state", "")
	require.Equal(t, map[string]any{"suspended": true, "notice": "Call us"}, state)
	require.NoError(t, bind(l, "alice", "a-new-password"))
	require.Len(t, l.OutOfBandMail(), 1)
	require.Equal(t, true, post(t, l, "key-1", "hello")["duplicate"])
}

func TestResetIsTheFirstDay(t *testing.T) {
	l := lab.Start(t)
	asAdmin(t, l, http.MethodPut, "/mail/state", `{"suspended": true}`)
	asAdmin(t, l, http.MethodDelete, "/sessions/alice", "")
	setPassword(t, l, "alice", "a-new-password")
	require.NoError(t, os.WriteFile(filepath.Join(l.Dir(), "portal", "maintenance"), nil, 0o600))
	require.NoError(t, os.MkdirAll(filepath.Join(l.Dir(), "cases", "INC-1"), 0o700))
	require.NoError(t, l.Reset())

	require.Empty(t, what(t, l))
	require.NoError(t, bind(l, "alice", lab.InitialPassword("alice")))
	_, sessions := asAdmin(t, l, http.MethodGet, "/sessions/alice", "")
	require.EqualValues(t, 2, sessions["count"])
	status, _, _ := get(t, "http://"+l.Addresses().Portal+"/")
	require.Equal(t, http.StatusOK, status)
	cases, err := os.ReadDir(filepath.Join(l.Dir(), "cases"))
	require.NoError(t, err)
	require.Empty(t, cases)
	evidence, err := os.ReadDir(filepath.Join(l.Dir(), "evidence-source"))
	require.NoError(t, err)
	require.Len(t, evidence, 2)
}

// A mail server that was closed before it began to accept left its listener
// open, and Close waited for it for ever.
func TestCloseRightAfterTheStart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "lab")
	for range 20 {
		l, err := lab.New(lab.Config{Dir: dir})
		require.NoError(t, err)
		require.NoError(t, l.Close())
	}
}
