//go:build unix

package file_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actions/file"
	"github.com/irctl/irctl/internal/actiontest"
)

// TestAPathIsOneFile: whatever a path holds, exactly the file of that name is
// written and, undone, is gone again; or nothing is. A FIFO and a device are none.
func TestAPathIsOneFile(t *testing.T) {
	for _, name := range []string{
		"-rf", "--help", "a b", "a\nb", "a\r\nb", "$(id)", "`id`", "${HOME}", "~", "*", "a?", "{a,b}", `a"b`, "a'b", `a\b`, "%s", "${{ x }}", "#a", ";id", "|id", "\u202ea", "\xff\xfe", "a\x00b",
		strings.Repeat("x", 300),
	} {
		dir := t.TempDir()
		b := set(t, "", map[string]any{"path": dir + "/" + name})
		_, err := file.Write().Run(context.Background(), b.req, b.out)
		entries, unread := os.ReadDir(dir)
		require.NoError(t, unread)
		if err != nil {
			require.Empty(t, entries, "%q: %v", name, err)
			continue
		}
		require.Len(t, entries, 1, "%q", name)
		require.Equal(t, name, entries[0].Name())
		b.req.Record = b.out.Recorded()
		_, err = b.undo()
		require.NoError(t, err, "%q", name)
		entries, unread = os.ReadDir(dir)
		require.NoError(t, unread)
		require.Empty(t, entries, "%q", name)
	}
	for _, path := range []string{filepath.Join(t.TempDir(), "pipe"), "/dev/null"} {
		if path != "/dev/null" {
			require.NoError(t, syscall.Mkfifo(path, 0o600))
		}
		b := set(t, "", map[string]any{"path": path})
		_, err := file.Write().Run(context.Background(), b.req, &actiontest.Sink{})
		require.ErrorContains(t, err, "is not a file", path)
	}
}
