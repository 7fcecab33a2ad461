//go:build unix

package real

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const closePortal = `irctl: v1
name: close
inputs:
  incident: {type: string, required: true, identifies: true}
steps:
  - id: authorise
    approve: {roles: [commander]}
  - {id: close, uses: website.suspend, target: portal, with: {message: "Closed for ${{ inputs.incident }}"}}
`

// TestTwoOperatorsTwoIncidentsOnePortal: two accounts that share a home respond to
// two incidents, and both would close the same portal. Who comes second is told by
// plan, run, approve and rollback which run that is, whose it is and since when.
func TestTwoOperatorsTwoIncidentsOnePortal(t *testing.T) {
	alice, bob, carol := NewAccount(t), NewAccount(t), NewAccount(t)
	r := newResponders(t, alice, bob, carol)
	site := filepath.Join(filepath.Dir(r.home), "site")
	run(t, "install", "-d", "-g", r.group, "-m", "2770", site)
	env := "irctl: v1\nkind: environment\nname: here\npeople:\n  carol: {roles: [commander], user: " + carol.Name + "}\n" +
		"targets:\n  portal: {type: maintenance-page, config: {page: " + site + "/page.html, flag: " + site + "/flag}}\n"
	for _, a := range []Account{alice, bob} {
		require.NoError(t, os.WriteFile(filepath.Join(a.Home, "close.yaml"), []byte(closePortal), 0o644))
		require.NoError(t, os.WriteFile(filepath.Join(a.Home, "here.yaml"), []byte(env), 0o644))
		a.Own(t)
	}
	carol.Own(t)
	about := func(incident string) []string {
		return []string{"./close.yaml", "--env", "./here.yaml", "-i", "incident=" + incident}
	}
	r.as(alice, 4, append([]string{"run"}, about("INC-2")...)...)
	two := filepath.Base(r.run())
	claimed := "INC-2 (run " + two + ") will change portal, since "

	planned := r.as(bob, 0, append([]string{"plan"}, about("INC-3")...)...)
	require.Contains(t, planned, claimed)
	require.Contains(t, planned, "started by "+alice.Name)
	refused := r.as(bob, 1, append([]string{"run"}, about("INC-3")...)...)
	require.Contains(t, refused, claimed)
	require.Contains(t, refused, "Nothing was done")
	require.Contains(t, r.as(bob, 4, append([]string{"run", "--share", "portal", "--reason", "two incidents"}, about("INC-3")...)...), claimed)
	runs, err := filepath.Glob(filepath.Join(r.home, "runs", "*"))
	require.NoError(t, err)
	require.Len(t, runs, 2)
	three := filepath.Base(runs[1])

	require.Contains(t, r.as(carol, 4, "approve", three, "authorise"), "INC-2 (run "+two+") will change portal")
	require.Contains(t, r.as(bob, 0, "resume", three), "succeeded")
	require.Contains(t, r.as(carol, 4, "approve", two, "authorise"), "Left for "+alice.Name)
	require.Contains(t, r.as(alice, 4, "resume", two), "page.html belongs to another user") // bob's page, which alice may not replace
	r.as(alice, 0, "skip", two, "close", "--reason", "bob has closed it", "--resume")

	r.as(alice, 4, append([]string{"run", "--share", "portal", "--reason", "a third"}, about("INC-4")...)...)
	require.Contains(t, r.as(bob, 1, "rollback", three), "INC-4 (run ")
	for _, id := range []string{two, three} {
		log := r.as(carol, 0, "audit", "show", id)
		require.Contains(t, log, "target shared")
		require.Contains(t, log, "two incidents")
		r.as(carol, 0, "audit", "verify", id)
	}
}
