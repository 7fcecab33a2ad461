//go:build unix

package real

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// vaultOffice is an office whose target is a repository of restic, with a log
// to collect.
func vaultOffice(t *testing.T, v *Vault) (o *office, runbook string) {
	t.Helper()
	o = newOffice(t, "    type: restic\n    config: {repository: "+v.Folder+", password: {secret: PASSWORD}}\n")
	o.write("password", VaultPassword)
	o.write("auth.log", "evidence of 03:12\n")
	return o, o.step("evidence", `    uses: evidence.collect
    with:
      case: "4711, the portal"
      name: portal
      files: [`+o.path("auth.log")+`]
      commands: [[sh, -c, "echo out; exit 3"]]
`)
}

func TestVault(t *testing.T) {
	v := NewVault(t)
	o, runbook := vaultOffice(t, v)
	before := v.Files(t)
	o.must("target", "check")
	require.Contains(t, o.must("plan", runbook).stdout, "nothing is collected yet")
	require.Equal(t, before, v.Files(t), "neither changes the repository")

	require.NotContains(t, o.must("run", runbook).text(), VaultPassword)
	first := o.status()
	kept := v.Snapshots(t)
	require.Len(t, kept, 1)
	require.Equal(t, kept[0].ID, first.Steps[0].Outputs["snapshot"])
	require.Equal(t, kept[0].Tree, first.Steps[0].Outputs["tree"])
	require.EqualValues(t, 3, first.Steps[0].Outputs["count"])
	require.Subset(t, kept[0].Tags, []string{"case-4711__the_portal", "run-" + first.Run})
	out := v.Restore(t, kept[0].ID)
	restored := func(name string) string {
		text, err := os.ReadFile(filepath.Join(out, name))
		require.NoError(t, err)
		return string(text)
	}
	require.Equal(t, "evidence of 03:12\n", restored("portal/auth.log"))
	require.Equal(t, "out\n", restored("portal/sh.stdout"))
	require.Len(t, strings.Split(strings.TrimSpace(restored("SHA256SUMS")), "\n"), 4, "three pieces and their manifest")
	require.Contains(t, restored("portal/manifest.json"), `"exit_code": 3`)
	copies, err := filepath.Glob(filepath.Join(o.path("home"), "runs", "*", "work", "evidence-*"))
	require.NoError(t, err)
	require.Empty(t, copies, "no other copy stays")

	o.must("run", runbook)
	require.Len(t, v.Snapshots(t), 2, "another run collects anew")
	require.Contains(t, o.must("rollback", first.Run).text(), "the evidence is kept in snapshot "+kept[0].ID)
	require.Len(t, v.Snapshots(t), 2)
	v.Run(t, "check")
	o.must("audit", "verify", first.Run)
}

func TestVaultKilled(t *testing.T) {
	for _, at := range []string{beforeRecord, afterRecord, afterEffect} {
		t.Run(at, func(t *testing.T) {
			v := NewVault(t)
			o, runbook := vaultOffice(t, v)
			o.killed(at, "run", runbook)
			require.Equal(t, at == afterEffect, len(v.Snapshots(t)) == 1)
			o.must("resume", o.status().Run)
			require.Equal(t, "succeeded", o.status().Status)
			kept := v.Snapshots(t)
			require.Len(t, kept, 1)
			require.Equal(t, kept[0].ID, o.status().Steps[0].Outputs["snapshot"])
		})
	}
}

// A snapshot that nobody has read back is read back on resume, and one that is
// not what was collected is no success.
func TestVaultKilledBeforeItReadsBack(t *testing.T) {
	v := NewVault(t)
	o, runbook := vaultOffice(t, v)
	o.killed(afterEffect, "run", runbook)
	kept := v.Snapshots(t)[0]
	// The state of a death between the snapshot and the look at it, with
	// evidence that was changed on the way.
	changed := v.Restore(t, kept.ID)
	require.NoError(t, os.WriteFile(filepath.Join(changed, "portal", "auth.log"), []byte("nothing at 03:12\n"), 0o600))
	v.Run(t, "forget", kept.ID)
	v.Keep(t, changed, kept.Tags)
	own := kept.Tags[slices.IndexFunc(kept.Tags, func(tag string) bool { return strings.HasPrefix(tag, "irctl-") })]
	work, err := filepath.Glob(o.path("home/runs/*/work"))
	require.NoError(t, err)
	require.Len(t, work, 1)
	require.NoError(t, os.Mkdir(filepath.Join(work[0], "evidence-"+own), 0o700))

	e := o.irctl("resume", o.status().Run)
	require.Equal(t, 4, e.code, e.text())
	require.Contains(t, e.text(), "portal/auth.log in snapshot "+v.Snapshots(t)[0].ID+" is not what was collected")
}

func TestVaultRefusals(t *testing.T) {
	v := NewVault(t)
	t.Run("a source that is not there", func(t *testing.T) {
		o, runbook := vaultOffice(t, v)
		require.NoError(t, os.Remove(o.path("auth.log")))
		e := o.irctl("run", runbook)
		require.Equal(t, 4, e.code, e.text())
		require.Contains(t, e.text(), "1 of 2 sources could not be collected")
		require.Empty(t, v.Snapshots(t))
		o.write("auth.log", "found\n")
		o.must("retry", o.status().Run, "step")
		o.must("resume", o.status().Run)
		require.Len(t, v.Snapshots(t), 1)
	})
	t.Run("a lock that somebody left behind", func(t *testing.T) {
		v := NewVault(t)
		v.DieLocked(t)
		o, runbook := vaultOffice(t, v)
		o.must("run", runbook)
		require.Len(t, v.Snapshots(t), 1)
	})
	for name, c := range map[string]struct{ password, repository, want string }{
		"wrong password": {"canary-wrong", v.Folder, "the repository does not accept the password"},
		"no repository":  {VaultPassword, v.Folder + "-elsewhere", "make one with restic init"},
	} {
		t.Run(name, func(t *testing.T) {
			o, runbook := vaultOffice(t, &Vault{Folder: c.repository})
			o.write("password", c.password)
			for _, e := range []end{o.irctl("run", runbook), o.irctl("target", "check")} {
				require.NotZero(t, e.code)
				require.Contains(t, strings.Join(strings.Fields(e.text()), " "), c.want)
				require.NotContains(t, e.text(), c.password)
			}
		})
	}
}

// A backup takes hours, and locks nobody out who adds something.
func TestEvidenceIsKeptWhileABackupGoesOn(t *testing.T) {
	v := NewVault(t)
	v.Backup(t)
	o, runbook := vaultOffice(t, v)
	o.must("target", "check")
	o.must("run", runbook)
	require.Len(t, v.Snapshots(t), 1)
	require.Len(t, o.status().Steps, 1)
}

func TestWhoLocksTheRepositoryIsNamed(t *testing.T) {
	v := NewVault(t)
	pid := v.LockElsewhere(t, "backup-host")
	o, runbook := vaultOffice(t, v)
	lock := fmt.Sprintf("the repository is locked exclusively by process %d of root on backup-host since 2", pid)
	for _, c := range [][]string{{"target", "check"}, {"plan", runbook}} {
		e := o.irctl(c...)
		require.Contains(t, strings.Join(strings.Fields(e.text()), " "), lock)
		require.Equal(t, c[0] != "plan", e.code != 0)
	}
	text, err := os.ReadFile(runbook)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(runbook, []byte(string(text)+"    timeout: 4s\n"), 0o600))
	e := o.irctl("run", runbook)
	require.Equal(t, 4, e.code, e.text())
	said := strings.Join(strings.Fields(e.text()), " ") // also if the time was up while it looked again
	require.Contains(t, said, "timed out after 4s")
	require.Contains(t, said, strings.TrimPrefix(lock, "the repository is "))
	require.Empty(t, v.Snapshots(t))
}
