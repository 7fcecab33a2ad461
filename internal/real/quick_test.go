//go:build unix

package real

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestContainmentIsQuick contains the company with a database more, keeps the
// evidence in a repository of restic, and says how long it took from the
// commander's yes on; everything is back afterwards.
func TestContainmentIsQuick(t *testing.T) {
	c, v, cache := startCompany(t), NewVault(t), StartRedis(t)
	o := c.office(t, "    type: case-folder\n", "    type: restic\n",
		"    config: {folder: evidence, cases_elsewhere: true}\n",
		"    config: {repository: "+v.Folder+", password: {secret: VAULT}}\n"+
			"  cache:\n    type: redis\n    config: {address: \""+cache.Address(0)+"\", admin: "+IrctlRole+", admin_password: {secret: CACHE}}\n",
		"  ZONE: {file: tsig}\n", "  ZONE: {file: tsig}\n  VAULT: {file: vault}\n  CACHE: {file: cache}\n")
	o.write("vault", VaultPassword)
	o.write("cache", Password(IrctlRole))
	before := c.before(t)
	inputs := append([]string{}, during...)
	for i, in := range inputs {
		if in == `other_accounts=[{"target": "orders", "account": "bob"}]` {
			inputs[i] = `other_accounts=[{"target": "orders", "account": "bob"}, {"target": "cache", "account": "alice"}]`
		}
	}
	require.Equal(t, 4, o.irctl(append([]string{"run", "containment"}, inputs...)...).code)
	o.answer(nil)
	began := time.Now()
	require.Zero(t, o.irctl("resume", o.status().Run).code)
	took := time.Since(began)
	show(fmt.Sprintf("\n(ten systems were contained in %s after the yes)\n", took.Round(10*time.Millisecond)))
	t.Logf("ten systems were contained in %s after the yes", took.Round(10*time.Millisecond))
	require.Len(t, v.Snapshots(t), 2)

	run := o.status().Run
	require.Equal(t, 4, o.irctl("rollback", run).code)
	o.answer(nil)
	require.Equal(t, 8, o.irctl("resume", run).code)
	require.Equal(t, before, c.before(t), "what was there is back, to the letter")
}
