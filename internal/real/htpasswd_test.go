//go:build unix

package real

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

func TestHtpasswd(t *testing.T) {
	program := realtest.Need(t, "htpasswd")
	folder := t.TempDir()
	file, served := filepath.Join(folder, "htpasswd"), filepath.Join(folder, "page.html")
	require.NoError(t, os.WriteFile(served, []byte("the admins' page"), 0o600))
	require.NoError(t, os.WriteFile(file, []byte("# kept by hand\r\n"), 0o640))
	for _, name := range []string{"alice", "bob", "erin", "frank", "grace", "heidi"} {
		cmd := exec.CommandContext(t.Context(), program, "-i", file, name) // its own kind of hash, not bcrypt
		cmd.Stdin = strings.NewReader(Password(name))
		require.NoError(t, cmd.Run())
	}
	n := StartNginx(t, "location = /admin { auth_basic admins; auth_basic_user_file "+file+"; alias "+served+"; default_type text/html; }\n")
	url := "http://" + n.Address(0) + "/admin"
	accepts := func(t *testing.T, account, password string) bool {
		a := Visit(t, url, "-u", account+":"+password)
		require.Contains(t, []int{200, 401}, a.Status)
		return a.Status == 200
	}
	content := func(t *testing.T) string {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		return string(text)
	}
	at := func(t *testing.T, more ...string) *office {
		return newOffice(t, "    type: htpasswd\n    config:\n      file: "+file+"\n"+strings.Join(more, ""))
	}
	withURL := "      url: " + url + "\n"

	t.Run("disable", func(t *testing.T) {
		trial{
			office: func(t *testing.T) (*office, string) {
				o := at(t, withURL)
				return o, o.acts("disable", "account.disable", false)
			},
			args:  []string{"--input", "account=alice"},
			state: func(t *testing.T) any { return content(t) },
			changed: func(t *testing.T) {
				require.False(t, accepts(t, "alice", Password("alice")))
				require.True(t, accepts(t, "bob", Password("bob")))
			},
			unchanged: func(t *testing.T) { require.True(t, accepts(t, "alice", Password("alice"))) },
			now:       "alice has an entry in use", already: "alice is disabled already",
		}.run(t)
	})
	t.Run("enable", func(t *testing.T) {
		before := content(t)
		o := at(t)
		o.must("run", o.acts("disable", "account.disable", false), "--input", "account=bob")
		trial{
			office: func(t *testing.T) (*office, string) {
				o := at(t)
				return o, o.acts("enable", "account.enable", false)
			},
			args:      []string{"--input", "account=bob"},
			state:     func(t *testing.T) any { return content(t) },
			changed:   func(t *testing.T) { require.True(t, accepts(t, "bob", Password("bob"))) },
			unchanged: func(t *testing.T) { require.False(t, accepts(t, "bob", Password("bob"))) },
			now:       "bob has an entry that is out of use", already: "bob is enabled already",
		}.run(t)
		o.must("rollback", o.status().Run)
		require.Equal(t, before, content(t))
	})
	t.Run("an entry that somebody made meanwhile is left", func(t *testing.T) {
		before := content(t)
		o := at(t)
		o.must("run", o.acts("disable", "account.disable", false), "--input", "account=alice")
		theirs := content(t) + "alice:theirs\n"
		require.NoError(t, os.WriteFile(file, []byte(theirs), 0o640))
		o.must("rollback", o.status().Run)
		require.Equal(t, theirs, content(t))
		require.NoError(t, os.WriteFile(file, []byte(before), 0o640))
	})
	t.Run("rotate", func(t *testing.T) {
		rotation{
			office:   func(t *testing.T) *office { return at(t, withURL) },
			accounts: []string{"erin", "frank", "grace", "heidi"},
			old:      Password,
			accepts:  accepts,
			exactly:  func(t *testing.T) any { return content(t) },
			but: func(t *testing.T, account string) any {
				return regexp.MustCompile(account+`:\S+`).ReplaceAllString(content(t), account)
			},
		}.run(t)
		require.Regexp(t, `(?m)^erin:\$2y\$05\$`, content(t))
		info, err := os.Stat(file)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o640), info.Mode().Perm())
	})
	t.Run("refusals", func(t *testing.T) {
		before := content(t)
		o := at(t)
		e := o.irctl("run", o.acts("disable", "account.disable", false), "--input", "account=nobody")
		require.Equal(t, 4, e.code, e.text())
		require.Contains(t, e.text(), "there is no account nobody in")
		e = at(t, "      url: http://"+n.Address(0)+"/\n").irctl("target", "check")
		require.Equal(t, 1, e.code)
		require.Contains(t, strings.Join(strings.Fields(e.text()), " "), "what `url` names lets everybody in")
		at(t, withURL).must("target", "check")
		require.Equal(t, before, content(t))
	})
}

func TestAFullDiskIsFoundBefore(t *testing.T) {
	realtest.NeedRoot(t, "a disk of its own")
	folder := t.TempDir()
	require.NoError(t, exec.Command("mount", "-t", "tmpfs", "-o", "size=64k", "none", folder).Run())
	t.Cleanup(func() { require.NoError(t, exec.Command("umount", folder).Run()) })
	file := filepath.Join(folder, "htpasswd")
	require.NoError(t, os.WriteFile(file, []byte("alice:$apr1$x$y\n"), 0o640))
	for name, via := range map[string]string{"here": "", "as root by sudo": "    via: {sudo: true}\n"} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t, "    type: htpasswd\n    config:\n      file: "+file+"\n"+strings.Replace(via, "    via", "      via", 1))
			o.must("target", "check")
			filler := filepath.Join(folder, "filler")
			_ = os.WriteFile(filler, make([]byte, 1<<20), 0o600) // until it is full
			defer func() { require.NoError(t, os.Remove(filler)) }()
			e := o.irctl("target", "check")
			require.Equal(t, 1, e.code)
			require.Contains(t, strings.Join(strings.Fields(e.text()), " "), "the disk of "+folder)
			require.Contains(t, strings.Join(strings.Fields(e.text()), " "), "is full, so htpasswd cannot be replaced")
		})
	}
}
