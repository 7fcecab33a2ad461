//go:build unix

package recording_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/recording"
)

// record runs a shell whose typist types a text, and returns the file.
func record(t *testing.T, typed string) (status int, file, shown string) {
	f, err := os.Create(filepath.Join(t.TempDir(), "r.cast"))
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	var out strings.Builder
	status, err = recording.Record(t.Context(), recording.Options{
		Argv: []string{"/bin/sh"}, Dir: t.TempDir(), In: strings.NewReader(typed), Out: &out, File: f, Now: time.Now,
		Mask: func(s string) string { return strings.ReplaceAll(s, "correct-horse", "[redacted]") },
	})
	require.NoError(t, err)
	text, err := os.ReadFile(f.Name())
	require.NoError(t, err)
	return status, string(text), out.String()
}

func TestAShellIsRecordedWithoutSecrets(t *testing.T) {
	status, file, shown := record(t, "echo correct-''horse; echo password=hunter22; echo https://u:pw12@h/; echo AKIA''ABCDEFGHIJKLMNOP\n"+
		"printf '%s\\n' '-----BEGIN OPENSSH PRIVATE ''KEY-----' 'c2VjcmV0' '-----END OPENSSH PRIVATE KEY-----' after\nexit 3\n")
	require.Equal(t, 3, status)
	require.Contains(t, shown, "correct-horse")
	require.Contains(t, shown, "AKIAABCDEFGHIJKLMNOP")
	first, _, _ := strings.Cut(file, "\n")
	require.Regexp(t, `^\{"command":"/bin/sh","height":24,"timestamp":\d+,"version":2,"width":80\}$`, first)
	for _, secret := range []string{"correct-horse", "hunter22", "pw12", "AKIAABCDEFGHIJKLMNOP"} {
		require.NotContains(t, file, secret)
	}
	require.Contains(t, file, "https://u:[redacted]@h/")
	require.Contains(t, file, "after")
	whole, err := recording.Whole(strings.NewReader(file))
	require.NoError(t, err)
	require.True(t, whole)
	cut := file[:strings.LastIndex(strings.TrimSpace(file), "\n")+1]
	for _, torn := range []string{cut, cut + `[1.2,"m","en`, first, ""} {
		whole, err = recording.Whole(strings.NewReader(torn))
		require.NoError(t, err)
		require.False(t, whole, torn)
	}
}
