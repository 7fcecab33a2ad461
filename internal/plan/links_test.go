package plan_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/plan/plantest"
)

// A plan.json that comes from elsewhere must not bring down whoever reads it.
func TestDecodeRefusesAPlanWhoseLinksLeadNowhere(t *testing.T) {
	for name, spoil := range map[string]func(p *plan.Plan){
		"entry":             func(p *plan.Plan) { p.Entry = 99 },
		"next":              func(p *plan.Plan) { p.Nodes[0].Next = 99 },
		"next elsewhere":    func(p *plan.Plan) { p.Nodes[0].Next = 2 },
		"next below none":   func(p *plan.Plan) { p.Nodes[0].Next = -2 },
		"after failure":     func(p *plan.Plan) { p.Nodes[0].OnFailure = plan.OnFailure{Policy: plan.FailNext, Next: 99} },
		"parent":            func(p *plan.Plan) { p.Nodes[2].Parent = 99 },
		"parent of itself":  func(p *plan.Plan) { p.Nodes[2].Parent = 2 },
		"parent of another": func(p *plan.Plan) { p.Nodes[1].Parent = 2 },
		"block entry":       func(p *plan.Plan) { p.Nodes[1].Blocks[0].Entry = 99 },
		"no block":          func(p *plan.Plan) { p.Nodes[1].Blocks = nil },
		"no action":         func(p *plan.Plan) { p.Nodes[0].Action = nil },
		"no approval":       func(p *plan.Plan) { p.Nodes[3].Approval = nil },
	} {
		t.Run(name, func(t *testing.T) {
			p := plantest.Build(plantest.Do("one"), plantest.Node(plan.Group, "group", []plantest.Step{plantest.Do("two")}), plantest.Node(plan.Approve, "ask"))
			sound, err := p.Encode()
			require.NoError(t, err)
			_, err = plan.Decode(sound)
			require.NoError(t, err)
			spoil(p)
			spoilt, err := p.Encode()
			require.NoError(t, err)
			_, err = plan.Decode(spoilt)
			require.Error(t, err)
		})
	}
}
