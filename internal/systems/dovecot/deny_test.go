package dovecot

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const byHand = "# by hand\ncarol\n\ndave:::::nologin\n# the end\n"

func TestTheBlockComesAndGoes(t *testing.T) {
	for _, d := range []Deny{"", byHand} {
		with := d.WithBlock([]string{"alice", "bob"})
		require.Equal(t, []string{"alice", "bob"}, with.Block())
		require.Equal(t, d.Listed(), with.Listed())
		require.Equal(t, with, with.WithBlock([]string{"alice", "bob"}))
		require.Equal(t, []string{"bob"}, with.WithBlock([]string{"bob"}).Block())
		require.Equal(t, d, with.WithBlock(nil))
		// What others wrote after it stays.
		require.Equal(t, d+"erin\n", (with + "erin\n").WithBlock(nil))
	}
	require.Equal(t, []string{"carol", "dave"}, Deny(byHand).Listed())
	require.Equal(t, []string{"carol", "alice"}, Deny("carol").WithBlock([]string{"alice"}).All())
	cut := Deny("carol\n" + begin + "\nalice\n")
	require.Equal(t, []string{"alice"}, cut.Block(), "somebody has removed the last comment")
	require.Equal(t, Deny("carol\n"), cut.WithBlock(nil))
}

func TestLinesOfAUserAreTakenAndPutBack(t *testing.T) {
	for _, d := range []Deny{
		byHand,
		"dave\n",
		"carol\n" + begin + "\ndave\n" + end + "\nerin\ndave\n",
		"dave\n" + begin + "\ncarol\n" + end + "\n",
	} {
		without, taken, err := d.Take("dave")
		require.NoError(t, err)
		require.Len(t, taken, 1)
		require.NotContains(t, without.Listed(), "dave")
		require.Equal(t, d.Block(), without.Block())
		require.Equal(t, d, without.Insert(taken))
		require.Equal(t, d, d.Insert(taken), "it is there already")
		require.Equal(t, Deny("erin\ndave"+taken[0].Text[len("dave"):]+"\n"), Deny("erin\n").Insert([]Line{{At: 9, Text: taken[0].Text}}), "the file is shorter now")

		added := without.Add("dave")
		require.Contains(t, added.Listed(), "dave")
		again, _, err := added.Take("dave")
		require.NoError(t, err)
		require.Equal(t, without, again)
	}
	_, _, err := Deny("dave:{PLAIN}canary\n").Take("dave")
	require.ErrorContains(t, err, "holds a password")
	require.NotContains(t, err.Error(), "canary")
}

func TestWhichConfigurationDenies(t *testing.T) {
	const deny = "passdb {\n  args = username_format=%u /etc/denied\n  deny = yes\n  driver = passwd-file\n}\n"
	const pam = "passdb {\n  driver = pam\n}\n"
	const master = "passdb {\n  args = /etc/masters\n  driver = passwd-file\n  master = yes\n}\n"
	for conf, want := range map[string]bool{
		"# 2.3\n" + deny + pam: true,
		master + deny + pam:    true,
		pam + deny:             false,
		pam:                    false,
		"":                     false,
		"passdb {\n  args = /etc/denied\n  driver = passwd-file\n}\n":                           false,
		"passdb denied {\n  deny = yes\n  passwd_file_path = /etc/denied\n}\npassdb pam {\n}\n": true,
	} {
		require.Equal(t, want, denies(conf, "/etc/denied"), conf)
	}
	require.False(t, denies(deny, "denied"))
}

func TestOneUserIsOneUser(t *testing.T) {
	for _, name := range []string{"alice", "alice@example.com", "a.b-c+d"} {
		require.NoError(t, CheckName(name))
	}
	for _, name := range []string{"", "*", "al?ce", "-a", "alice:x", "alice\nbob", "#alice", "a b"} {
		require.ErrorContains(t, CheckName(name), "cannot be the name of one user")
	}
}
