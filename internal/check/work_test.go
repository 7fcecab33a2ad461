package check

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/action"
)

func nothing() Deps {
	return Deps{Spec: func(string) (action.Spec, bool) { return action.Spec{}, false }}
}

// TestWorkIsBounded: what a hostile file makes the rules do is counted, not
// timed.
func TestWorkIsBounded(t *testing.T) {
	const mostWork = 6000 + 4000 // the bound, and one expression that was begun below it
	worked := 0
	for _, f := range HostileRunbooks() {
		rb, _ := language.Parse("x.yaml", f.Text)
		if rb == nil {
			continue
		}
		c := analyze(rb, nothing())
		require.LessOrEqual(t, len(c.order), 12_000, "%s: steps", f.Name)
		require.LessOrEqual(t, len(c.found), maxFindings+1, "%s: findings", f.Name)
		positions := 0
		for _, v := range c.vars {
			for _, at := range v.at {
				positions += len(at)
			}
		}
		require.LessOrEqual(t, positions, 2*len(c.order)+1, "%s: positions of variables", f.Name)
		if strings.HasPrefix(f.Name, "expressions-") && c.exprs.Spent() >= 6000 {
			worked++
		}
		require.LessOrEqual(t, c.exprs.Spent(), mostWork, "%s: work for expressions", f.Name)
	}
	require.Greater(t, worked, 5, "files that are made against the bound reach it")
}

// TestSetBeforeIsPrecedes: whether a variable is set before a place is looked up,
// not found out by asking each step that sets it; both say the same.
func TestSetBeforeIsPrecedes(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	asked, before := 0, 0
	for range 300 {
		rb, found := language.Parse("x.yaml", []byte("irctl: v1\nname: x\nsteps:\n"+randomSteps(random, 0, new(int))))
		require.False(t, found.HasErrors(), "%v", found)
		c := analyze(rb, nothing())
		v := c.vars["v"]
		if v == nil {
			continue
		}
		for _, behind := range []bool{false, true} {
			for _, n := range append(c.order, nil) {
				want := false
				for _, by := range v.steps {
					why := precedes(n, behind, by)
					want = want || why == "" || strings.HasPrefix(why, "runs inside the loop `")
				}
				asked++
				if want {
					before++
				}
				require.Equal(t, want, v.setBefore(n, behind), "%s\nat %v, behind %v", rb.Source, n, behind)
			}
		}
	}
	require.Greater(t, before, 1000)
	require.Greater(t, asked-before, 1000)
}

// randomSteps writes a few steps of all kinds that matter to the order of steps.
func randomSteps(random *rand.Rand, depth int, count *int) string {
	var out strings.Builder
	pad := strings.Repeat("    ", depth)
	first := *count
	for range 1 + random.IntN(4) {
		jump := ""
		switch random.IntN(5) {
		case 0:
			jump = fmt.Sprintf("%s  next: s%d\n", pad, first)
		case 1:
			jump = fmt.Sprintf("%s  on_failure: {next: s%d}\n", pad, *count)
		}
		fmt.Fprintf(&out, "%s- id: s%d\n%s", pad, *count, jump)
		*count++
		kind := random.IntN(9)
		if depth > 3 {
			kind = random.IntN(3)
		}
		inside := func() string { return randomSteps(random, depth+1, count) }
		switch kind {
		case 0, 1:
			fmt.Fprintf(&out, "%s  wait: 1s\n", pad)
		case 2:
			fmt.Fprintf(&out, "%s  set: {v: 1}\n", pad)
		case 3:
			fmt.Fprintf(&out, "%s  parallel:\n%s", pad, inside())
		case 4:
			fmt.Fprintf(&out, "%s  if: env.a == 'b'\n%s  then:\n%s%s  else:\n%s", pad, pad, inside(), pad, inside())
		case 5:
			fmt.Fprintf(&out, "%s  switch: ${{ env.a }}\n%s  cases:\n%s   a:\n%s%s   b:\n%s", pad, pad, pad, inside(), pad, inside())
		case 6:
			fmt.Fprintf(&out, "%s  while: env.a == 'b'\n%s  do:\n%s", pad, pad, inside())
		case 7:
			fmt.Fprintf(&out, "%s  foreach: [1, 2]\n%s  as: x%d\n%s  do:\n%s", pad, pad, depth, pad, inside())
		case 8:
			fmt.Fprintf(&out, "%s  steps:\n%s", pad, inside())
		}
	}
	return out.String()
}
