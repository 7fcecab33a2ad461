//go:build unix

package real

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// responders are accounts of this machine, in a group that shares a home of runs
// as an administrator makes it.
type responders struct {
	t     *testing.T
	irctl string
	home  string
	group string
	gid   int
}

func newResponders(t *testing.T, accounts ...Account) *responders {
	r := &responders{t: t, group: fmt.Sprintf("irctl-r%d-%d", os.Getpid(), len(t.Name()))}
	run(t, "groupadd", r.group)
	t.Cleanup(func() { run(t, "groupdel", r.group) })
	for _, a := range accounts {
		run(t, "usermod", "-aG", r.group, a.Name)
	}
	g, err := user.LookupGroup(r.group)
	require.NoError(t, err)
	r.gid, err = strconv.Atoi(g.Gid)
	require.NoError(t, err)
	dir := t.TempDir()
	for at := dir; at != os.TempDir() && len(at) > 1; at = filepath.Dir(at) {
		require.NoError(t, os.Chmod(at, 0o755))
	}
	r.irctl = filepath.Join(dir, "irctl")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", r.irctl, "github.com/irctl/irctl/cmd/irctl")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	r.home = filepath.Join(dir, "irctl-home")
	run(t, "install", "-d", "-o", "root", "-g", r.group, "-m", "3770", r.home, filepath.Join(r.home, "runs"), filepath.Join(r.home, "archive"))
	return r
}

// command is a program that an account runs, with the groups that it has.
func (r *responders) command(a Account, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(r.t.Context(), program, args...)
	cmd.Dir = a.Home
	cmd.Env = []string{"HOME=" + a.Home, "PATH=" + os.Getenv("PATH"), "IRCTL_HOME=" + r.home}
	out, err := exec.Command("id", "-G", a.Name).Output()
	require.NoError(r.t, err)
	cred := &syscall.Credential{Uid: uint32(a.uid)}
	for i, word := range strings.Fields(string(out)) {
		gid, err := strconv.Atoi(word)
		require.NoError(r.t, err)
		if i == 0 {
			cred.Gid = uint32(gid)
		}
		cred.Groups = append(cred.Groups, uint32(gid))
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: cred}
	return cmd
}

// as has an account type a command of irctl and returns all that it says.
func (r *responders) as(a Account, exit int, args ...string) string {
	r.t.Helper()
	cmd := r.command(a, r.irctl, args...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		require.NoError(r.t, err)
	}
	require.Equal(r.t, exit, cmd.ProcessState.ExitCode(), "%s: irctl %s\n%s", a.Name, strings.Join(args, " "), out)
	return strings.Join(strings.Fields(string(out)), " ")
}

// cannot has an account try a line of shell, which must fail.
func (r *responders) cannot(a Account, script string) {
	r.t.Helper()
	out, err := r.command(a, "/bin/sh", "-c", script).CombinedOutput()
	require.Error(r.t, err, "%s could: %s\n%s", a.Name, script, out)
}

// does has an account carry out a line of shell.
func (r *responders) does(a Account, script string) {
	r.t.Helper()
	out, err := r.command(a, "/bin/sh", "-c", script).CombinedOutput()
	require.NoError(r.t, err, "%s: %s\n%s", a.Name, script, out)
}

// run is the folder of the only run.
func (r *responders) run() string {
	dirs, err := filepath.Glob(filepath.Join(r.home, "runs", "*"))
	require.NoError(r.t, err)
	require.Len(r.t, dirs, 1)
	return dirs[0]
}

const twoPeople = `irctl: v1
name: two-people
steps:
  - id: authorise
    approve: {roles: [commander], need: 2, not_requester: true}
  - id: call
    manual: Call the bank.
    evidence: {letter: {required: true, description: their answer}}
  - id: late
    approve: {roles: [commander], within: 2s}
    on_failure: continue
`

// sharedRun has alice start a run that asks two commanders.
func sharedRun(t *testing.T) (r *responders, alice, bob, carol, dave Account) {
	alice, bob, carol, dave = NewAccount(t), NewAccount(t), NewAccount(t), NewAccount(t)
	r = newResponders(t, alice, bob, carol, dave)
	env := "irctl: v1\nkind: environment\nname: here\npeople:\n"
	for name, a := range map[string]Account{"alice": alice, "bob": bob, "carol": carol} {
		env += "  " + name + ": {name: " + name + ", roles: [commander], user: " + a.Name + "}\n"
	}
	for file, text := range map[string]string{"two.yaml": twoPeople, "here.yaml": env} {
		require.NoError(t, os.WriteFile(filepath.Join(alice.Home, file), []byte(text), 0o644))
	}
	for _, a := range []Account{alice, bob, carol, dave} {
		a.Own(t)
	}
	r.as(alice, 4, "run", "./two.yaml", "--env", "./here.yaml")
	return r, alice, bob, carol, dave
}

// TestThreeAccountsOnOneMachine: one starts, two approve, one is wrong and one is
// late, and nobody is root.
func TestThreeAccountsOnOneMachine(t *testing.T) {
	r, alice, bob, carol, dave := sharedRun(t)
	id := filepath.Base(r.run())

	t.Run("everybody of the group reads", func(t *testing.T) {
		r.t = t
		for _, a := range []Account{alice, bob, carol, dave} {
			require.Contains(t, r.as(a, 0, "status"), "by "+alice.Name)
			require.Contains(t, r.as(a, 0, "list"), id)
			r.as(a, 0, "audit", "verify", id)
		}
	})
	t.Run("only who started it drives it", func(t *testing.T) {
		r.t = t
		require.Contains(t, r.as(bob, 1, "resume", id), "belongs to "+alice.Name+", who alone drives it")
	})
	t.Run("who is not in the group is told so", func(t *testing.T) {
		r.t = t
		eve := NewAccount(t)
		for _, args := range [][]string{{"list"}, {"status"}, {"approve", id, "authorise"}} {
			require.Contains(t, r.as(eve, 1, args...), "is shared by the group "+r.group+", for which "+eve.Name+" does not act")
		}
		r.cannot(eve, "ls "+r.home)
	})
	t.Run("the wrong one may not", func(t *testing.T) {
		r.t = t
		require.Contains(t, r.as(dave, 1, "approve", id, "authorise"), "may not answer this")
		require.Contains(t, r.as(dave, 1, "approve", id, "authorise", "--as", "bob"), "may not answer this as bob")
		require.Contains(t, r.as(alice, 1, "approve", id, "authorise"), "so someone else must agree")
	})
	t.Run("two approve while nobody drives", func(t *testing.T) {
		r.t = t
		require.Contains(t, r.as(bob, 4, "approve", id, "authorise"), "Left for "+alice.Name)
		for _, a := range []Account{alice, carol} {
			said := r.as(a, 0, "status")
			require.Contains(t, said, "left by "+bob.Name)
			require.Contains(t, said, "taken when the run is resumed: irctl resume "+id)
			require.Contains(t, r.as(a, 0, "list"), "left by "+bob.Name)
		}
		require.Contains(t, r.as(carol, 4, "approve", id, "authorise"), "Left for "+alice.Name)
		require.Contains(t, r.as(alice, 4, "resume", id), "Call the bank.")
		log := r.as(carol, 0, "logs", id, "-o", "json")
		require.Contains(t, log, `"by":"bob (`+bob.Name)
		require.Contains(t, log, `"by":"carol (`+carol.Name)
		require.NotContains(t, r.as(carol, 0, "status"), "left by")
	})
	t.Run("evidence of another is copied before it counts, and the run is live", func(t *testing.T) {
		r.t = t
		live := r.command(alice, r.irctl, "resume", id, "--wait")
		require.NoError(t, live.Start())
		r.until(alice, `"driven": true`)
		require.NoError(t, os.WriteFile(filepath.Join(dave.Home, "letter"), []byte("yes, it is stopped"), 0o600))
		dave.Own(t)
		r.as(dave, 0, "done", id, "call", "--evidence", "letter=letter")
		kept, err := filepath.Glob(filepath.Join(r.run(), "artifacts", "*"))
		require.NoError(t, err)
		require.Len(t, kept, 1)
		info, err := os.Stat(kept[0])
		require.NoError(t, err)
		require.Equal(t, uint32(alice.uid), info.Sys().(*syscall.Stat_t).Uid)
		_ = live.Wait() // the last step's time is up
	})
	t.Run("a late one counts for nothing", func(t *testing.T) {
		r.t = t
		said := r.as(bob, 1, "approve", id, "late")
		require.Contains(t, said, "does not wait for an approval")
		require.Contains(t, r.as(bob, 0, "status"), "answered within 2s")
	})
	t.Run("nobody was root, and all of it verifies", func(t *testing.T) {
		r.t = t
		for _, a := range []Account{alice, bob, carol} {
			require.Contains(t, r.as(a, 0, "audit", "verify", id), id)
		}
		require.NoError(t, filepath.WalkDir(r.run(), func(path string, _ os.DirEntry, err error) error {
			require.NoError(t, err)
			info, err := os.Lstat(path)
			require.NoError(t, err)
			require.Equal(t, uint32(alice.uid), info.Sys().(*syscall.Stat_t).Uid, path)
			return nil
		}))
	})
}

// until waits until the list says something.
func (r *responders) until(a Account, text string) {
	r.t.Helper()
	require.Eventually(r.t, func() bool { return strings.Contains(r.as(a, 0, "list", "-o", "json"), text) }, 30*time.Second, 50*time.Millisecond)
}

// TestAMemberCannotActForAnother: what a member of the group tries on the run of
// another fails, or is refused in the member's own name.
func TestAMemberCannotActForAnother(t *testing.T) {
	r, alice, bob, _, dave := sharedRun(t)
	dir := r.run()
	id := filepath.Base(dir)
	r.as(bob, 4, "approve", id, "authorise")
	left, err := filepath.Glob(filepath.Join(dir, "inbox", "*.json"))
	require.NoError(t, err)
	require.Len(t, left, 1)
	bobs, err := os.ReadFile(left[0])
	require.NoError(t, err)

	for _, script := range []string{
		"echo x >>" + dir + "/journal.jsonl", "echo x >" + dir + "/head", "echo x >" + dir + "/plan.json", "echo x >" + dir + "/environment.yaml",
		"echo x >" + dir + "/artifacts/x", "echo x >" + dir + "/replies/x", "echo x >" + dir + "/new", "ls " + dir + "/work", "rm -rf " + dir,
		"mv " + dir + " " + dir + ".gone", "cat " + dir + "/driver.lock", "cat " + dir + "/ratchet",
		"rm -f " + left[0], "mv " + left[0] + " " + left[0] + ".x", "echo x >" + left[0], "ln " + left[0] + " " + dir + "/inbox/01KDYAK348H88AZNA2RM76C428.json",
		"mv /tmp/nothing " + left[0], "mknod " + dir + "/inbox/01KDYAK348H88AZNA2RM76C427.json c 1 3",
		"rm -rf " + r.home + "/runs", "mv " + r.home + "/runs " + r.home + "/other",
	} {
		r.cannot(dave, script)
	}

	// Put by hand: each says that it is bob's, or is no file.
	forged := func(n int, change func(map[string]any)) {
		var req map[string]any
		require.NoError(t, json.Unmarshal(bobs, &req))
		name := fmt.Sprintf("01KDYAK348H88AZNA2RM76D0%02d", n)
		req["id"] = name
		change(req)
		text, err := json.Marshal(req)
		require.NoError(t, err)
		file := filepath.Join(dave.Home, name+".json")
		require.NoError(t, os.WriteFile(file, text, 0o644))
		dave.Own(t)
		r.does(dave, "cp "+file+" "+dir+"/inbox/")
	}
	forged(1, func(map[string]any) {})
	forged(2, func(req map[string]any) { req["who"] = map[string]any{"user": dave.Name} })
	forged(3, func(req map[string]any) { req["run"] = "01KDYAK348H88AZNA2RM76D000" })
	r.does(dave, "cd "+dir+"/inbox && ln -s "+left[0]+" 01KDYAK348H88AZNA2RM76D010.json && mkfifo 01KDYAK348H88AZNA2RM76D011.json && mkdir 01KDYAK348H88AZNA2RM76D012.json && ln -s /dev/zero 01KDYAK348H88AZNA2RM76D013.json")
	r.does(dave, "cd "+dir+"/inbox && cp "+left[0]+" 01KDYAK348H88AZNA2RM76D014.json && chmod 666 01KDYAK348H88AZNA2RM76D014.json")

	require.Contains(t, r.as(alice, 4, "resume", id), "1 of 2")
	log := r.as(alice, 0, "logs", id, "-o", "json")
	require.Equal(t, 1, strings.Count(log, `"event":"approval_given"`), log)
	require.NotContains(t, log, dave.Name)
	replies, err := filepath.Glob(filepath.Join(dir, "replies", "*.json"))
	require.NoError(t, err)
	said := ""
	for _, file := range replies {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		said += string(text)
	}
	require.Contains(t, said, "the request is from "+dave.Name+" and asks in the name of "+bob.Name)
	require.Contains(t, said, "not a regular file")
	require.Contains(t, said, "other accounts may write it")
	require.Contains(t, said, "of this run")
}

// TestAHomeThatIsAlmostShared is refused, with the command that would share it.
func TestAHomeThatIsAlmostShared(t *testing.T) {
	alice := NewAccount(t)
	r := newResponders(t, alice)
	alice.Own(t)
	require.NoError(t, os.WriteFile(filepath.Join(alice.Home, "two.yaml"), []byte("irctl: v1\nname: x\nsteps:\n  - {id: x, set: {a: 1}}\n"), 0o644))
	command := "sudo install -d -o root -g " + r.group + " -m 3770 " + r.home + " " + r.home + "/runs " + r.home + "/archive"
	for name, change := range map[string][]string{
		"no sticky bit":     {"chmod", "2770", r.home},
		"no setgid bit":     {"chmod", "g-s", r.home},
		"others may read":   {"chmod", "3775", r.home},
		"no folder of runs": {"rmdir", r.home + "/runs"},
		"runs are alice's":  {"chown", alice.Name, r.home + "/runs"},
		"runs not sticky":   {"chmod", "2770", r.home + "/runs"},
		"other group":       {"chgrp", "root", r.home + "/runs"},
	} {
		t.Run(name, func(t *testing.T) {
			r.t = t
			run(t, change...)
			before := run(t, "stat", "-c", "%a %u %g", r.home)
			require.Contains(t, r.as(alice, 1, "run", "./two.yaml"), command)
			require.Equal(t, before, run(t, "stat", "-c", "%a %u %g", r.home), "no mode is changed")
			run(t, strings.Fields(strings.TrimPrefix(command, "sudo "))...)
			r.as(alice, 0, "run", "./two.yaml")
			run(t, "sh", "-c", "rm -rf "+r.home+"/runs/*")
		})
	}
}

// TestHaltIndexAndArchiveOfASharedHome: who halted lifts, each account has an index
// of its own, and each archives what is its own.
func TestHaltIndexAndArchiveOfASharedHome(t *testing.T) {
	r, alice, bob, _, _ := sharedRun(t)
	id := filepath.Base(r.run())
	r.as(alice, 0, "cancel", id, "--reason", "drill over", "--resume")

	r.as(bob, 0, "halt", "--reason", "wait")
	require.Contains(t, r.as(alice, 0, "halt"), "by "+bob.Name)
	require.Contains(t, r.as(alice, 1, "halt", "--lift"), bob.Name+" halted everything, so "+bob.Name+" lifts that")
	r.as(bob, 0, "halt", "--lift")

	time.Sleep(1100 * time.Millisecond) // an index keeps what did not change for a second
	for _, a := range []Account{alice, bob} {
		r.as(a, 0, "list")
		for _, name := range []string{"index-", "index.key-"} {
			info, err := os.Stat(filepath.Join(r.home, name+strconv.Itoa(a.uid)))
			require.NoError(t, err)
			require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
		}
	}
	require.Contains(t, r.as(bob, 1, "archive", id), "it belongs to "+alice.Name)
	at := filepath.Join(r.home, "archive", id+".tar.gz")
	r.does(bob, "mkfifo "+at)
	require.Contains(t, r.as(alice, 1, "archive", id), "what has the name of its archive belongs to "+bob.Name)
	r.does(bob, "rm "+at+" && mkfifo "+filepath.Join(r.home, "archive", "."+id+".tar.gz.part"))
	r.as(alice, 0, "archive", id)
	r.as(bob, 0, "prune", "--archived")
	require.DirExists(t, filepath.Join(r.home, "runs", id), "it is not bob's")
	r.cannot(bob, "rm -f "+r.home+"/archive/"+id+".tar.gz")
	r.as(alice, 0, "prune", "--archived")
	require.Contains(t, r.as(bob, 0, "list", "--archived"), id)
}

// TestEveryMemberStartsRuns: what one account leaves in the home to be locked keeps
// no other from starting, acting and rolling back.
func TestEveryMemberStartsRuns(t *testing.T) {
	alice, bob := NewAccount(t), NewAccount(t)
	r := newResponders(t, alice, bob)
	for _, a := range []Account{alice, bob} {
		require.NoError(t, os.WriteFile(filepath.Join(a.Home, "close.yaml"), []byte(`irctl: v1
name: close
steps:
  - {id: close, uses: file.write, with: {path: `+filepath.Join(a.Home, "closed")+`, content: "1"}}
`), 0o644))
		a.Own(t)
		r.as(a, 0, "run", "./close.yaml", "--yes")
		require.FileExists(t, filepath.Join(a.Home, "closed"))
	}
	for _, a := range []Account{bob, alice} {
		require.Contains(t, r.as(a, 0, "list"), "by "+a.Name)
		r.as(a, 0, "rollback", r.newestOf(a), "--yes")
		require.NoFileExists(t, filepath.Join(a.Home, "closed"))
	}
}

// newestOf is the run that an account started.
func (r *responders) newestOf(a Account) string {
	dirs, err := filepath.Glob(filepath.Join(r.home, "runs", "*"))
	require.NoError(r.t, err)
	for _, dir := range dirs {
		info, err := os.Stat(dir)
		require.NoError(r.t, err)
		if info.Sys().(*syscall.Stat_t).Uid == uint32(a.uid) {
			return filepath.Base(dir)
		}
	}
	r.t.Fatal("none of ", a.Name)
	return ""
}

// TestEachMemberHasALogThatWitnessesKnow: with a key of its own and a name of its
// own, also where another member has put something in its place.
func TestEachMemberHasALogThatWitnessesKnow(t *testing.T) {
	alice, bob, carol := NewAccount(t), NewAccount(t), NewAccount(t)
	r := newResponders(t, alice, bob, carol)
	public := append([]byte{4}, make([]byte, 32)...)
	id := sha256.Sum256(append([]byte("w\n"), public...))
	env := "irctl: v1\nkind: environment\nname: here\nanchors:\n  w: {witness: 'http://127.0.0.1:9', key: w+" + hex.EncodeToString(id[:4]) + "+" + base64.StdEncoding.EncodeToString(public) + "}\n"
	keys := map[string]bool{}
	r.does(bob, "mkdir -m 777 "+filepath.Join(r.home, "log-"+strconv.Itoa(carol.uid)))
	for _, a := range []Account{alice, bob, carol} {
		require.NoError(t, os.WriteFile(filepath.Join(a.Home, "here.yaml"), []byte(env), 0o644))
		require.NoError(t, os.WriteFile(filepath.Join(a.Home, "x.yaml"), []byte("irctl: v1\nname: x\nsteps:\n  - {id: x, set: {a: 1}}\n"), 0o644))
		a.Own(t)
		r.as(a, 0, "run", "./x.yaml", "--env", "./here.yaml")
		if a == carol {
			require.Contains(t, r.as(a, 1, "audit", "anchor", r.newestOf(a)), bob.Name+" put something there: have "+bob.Name+" or an administrator take it away")
			r.does(bob, "rmdir "+filepath.Join(r.home, "log-"+strconv.Itoa(carol.uid)))
		}
		said := r.as(a, 1, "audit", "anchor", r.newestOf(a))
		require.Contains(t, said, "does not allow connections to 127.0.0.1", "that is all: the log is there")
		key := regexp.MustCompile(`irctl/\S+\+[0-9a-f]{8}\+\S+`).FindString(said)
		require.NotEmpty(t, key, said)
		require.False(t, keys[key], "another one than the others have")
		keys[key] = true
		for name, mode := range map[string]os.FileMode{"": 0o700, "key": 0o600} {
			info, err := os.Stat(filepath.Join(r.home, "log-"+strconv.Itoa(a.uid), name))
			require.NoError(t, err)
			require.Equal(t, mode, info.Mode().Perm())
		}
	}
}

// TestARunThatAMemberMadeInAnothersNameIsFound: the kernel says whose a folder is,
// and the journal another name.
func TestARunThatAMemberMadeInAnothersNameIsFound(t *testing.T) {
	r, alice, bob, carol, _ := sharedRun(t)
	dir := r.run()
	id := filepath.Base(dir)
	for _, a := range []Account{alice, bob} {
		require.NotContains(t, r.as(a, 0, "status", id), "Do not rely")
		r.as(a, 0, "audit", "verify", id)
	}
	// Bob copies alice's run under its own name, once it is gone.
	r.does(bob, "cp -r "+dir+" "+filepath.Join(bob.Home, id)+" 2>/dev/null; rm -rf "+filepath.Join(bob.Home, id, "inbox")+"; test -f "+filepath.Join(bob.Home, id, "journal.jsonl"))
	run(t, "rm", "-rf", dir)
	r.does(bob, "umask 022; cp -r "+filepath.Join(bob.Home, id)+" "+dir)
	text := "it was put here by " + bob.Name + ", and its journal says that it is a run of " + alice.Name
	for _, a := range []Account{alice, bob, carol} {
		require.Contains(t, r.as(a, 0, "status", id), "Do not rely on who this run is of: "+text)
		require.Contains(t, r.as(a, 5, "audit", "verify", id), "copied, entry 1, byte 0: "+text)
		require.Contains(t, r.as(a, 0, "list"), "put here by "+bob.Name)
	}
}

// TestWhoAskedIsShownWhatWasRefused: who leaves a request waits for no answer, and
// finds it in status; nobody else does.
func TestWhoAskedIsShownWhatWasRefused(t *testing.T) {
	r, alice, bob, carol, _ := sharedRun(t)
	id := filepath.Base(r.run())
	r.as(bob, 4, "approve", id, "authorise")
	r.as(bob, 4, "approve", id, "authorise")
	require.Contains(t, r.as(alice, 4, "resume", id), "1 of 2")
	require.Contains(t, r.as(bob, 0, "status", id), "refused, what you asked for now (authorise approved): that cannot be done now: approval_given of step authorise: bob has agreed already")
	for _, a := range []Account{alice, carol} {
		require.NotContains(t, r.as(a, 0, "status", id), "refused, what you asked")
	}
}

// TestNoMemberLeadsWritesOfAnotherElsewhere: what a member puts in the place of a
// draft of another is neither written through nor waited for.
func TestNoMemberLeadsWritesOfAnotherElsewhere(t *testing.T) {
	r, alice, bob, _, dave := sharedRun(t)
	precious := filepath.Join(alice.Home, "precious")
	uid := strconv.Itoa(alice.uid)
	r.as(alice, 0, "cancel", filepath.Base(r.run()), "--reason", "drill over", "--resume")
	time.Sleep(1100 * time.Millisecond) // an index keeps what did not change for a second
	for _, trap := range []string{"ln -s " + precious, "mkfifo -m 666", "touch", "mkdir"} {
		t.Run(strings.Fields(trap)[0], func(t *testing.T) {
			r.t = t
			require.NoError(t, os.WriteFile(precious, []byte("precious"), 0o600))
			alice.Own(t)
			for _, name := range []string{".halt", ".index-" + uid, ".index.key-" + uid} {
				r.does(dave, trap+" "+filepath.Join(r.home, name)+" && (chmod 666 "+filepath.Join(r.home, name)+" || true)")
			}
			r.as(alice, 0, "list")
			require.FileExists(t, filepath.Join(r.home, "index-"+uid))
			r.as(alice, 0, "halt", "--reason", "wait")
			require.Contains(t, r.as(bob, 0, "halt"), "by "+alice.Name)
			r.as(alice, 0, "halt", "--lift")
			text, err := os.ReadFile(precious)
			require.NoError(t, err)
			require.Equal(t, "precious", string(text))
			r.does(dave, "cd "+r.home+" && rm -rf .halt .index*")
			run(t, "sh", "-c", "rm -f "+filepath.Join(r.home, "index")+"*")
		})
	}
}

// TestALockThatAMemberPutThereIsNamed: nobody waits for it without end, and who is
// to take it away is said.
func TestALockThatAMemberPutThereIsNamed(t *testing.T) {
	alice, dave := NewAccount(t), NewAccount(t)
	r := newResponders(t, alice, dave)
	require.NoError(t, os.WriteFile(filepath.Join(alice.Home, "x.yaml"), []byte("irctl: v1\nname: x\nsteps:\n  - {id: x, set: {a: 1}}\n"), 0o644))
	alice.Own(t)
	dave.Own(t)
	lock := filepath.Join(r.home, "begin.lock")
	for _, trap := range []string{"mkfifo " + lock, "ln -s /home/nobody " + lock, "mkdir " + lock, "touch " + lock + " && chmod 0 " + lock} {
		t.Run(strings.Fields(trap)[0], func(t *testing.T) {
			r.t = t
			r.does(dave, trap)
			require.Contains(t, r.as(alice, 1, "run", "./x.yaml"), dave.Name+" put something in the place of the lock "+lock+": have "+dave.Name+" or an administrator take it away")
			r.does(dave, "rm -rf "+lock)
			r.as(alice, 0, "run", "./x.yaml")
			run(t, "rm", "-f", lock)
		})
	}
}
