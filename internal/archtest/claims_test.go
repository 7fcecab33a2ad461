package archtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var namedTest = regexp.MustCompile(`\bTest\w+(?:\.\.\.)?|[\w-]+\.txtar\b`)

// TestEveryClaimNamesATestThatExists: what irctl help security says to be defended
// names the test that would fail if it were not so. A name may be cut short with
// three dots.
func TestEveryClaimNamesATestThatExists(t *testing.T) {
	root := filepath.Join("..", "..")
	var there []string
	begins := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || d.IsDir():
		case strings.HasSuffix(path, ".txtar"):
			there = append(there, d.Name())
		case strings.HasSuffix(path, "_test.go"):
			text, err := os.ReadFile(path)
			for _, m := range begins.FindAllSubmatch(text, -1) {
				there = append(there, string(m[1]))
			}
			return err
		}
		return err
	}))
	text, err := os.ReadFile(filepath.Join(root, "internal", "manual", "topics", "security.txt"))
	require.NoError(t, err)
	sections := regexp.MustCompile(`(?m)^Defended[^:]*:\n`).Split(string(text), -1)[1:]
	require.Greater(t, len(sections), 8)
	for _, section := range sections {
		claims, _, _ := strings.Cut(section, "\nNot defended:")
		names := namedTest.FindAllString(claims, -1)
		require.NotEmpty(t, names, "%.100s", claims)
		for _, name := range names {
			short, cut := strings.CutSuffix(name, "...")
			require.True(t, slices.ContainsFunc(there, func(s string) bool { return s == name || cut && strings.HasPrefix(s, short) }), "there is no test %s", name)
		}
		for claim := range strings.SplitSeq(strings.TrimSpace(claims), "\n\n") {
			require.Regexp(t, namedTest, claim, "no test holds this")
		}
	}
}
