package check

import (
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/pkg/runbook"
)

// node is a step in its place.
type node struct {
	step     *runbook.Step
	block    *block
	pos      int // in the block
	index    int // among all steps, as they stand in the file
	end      int // index of the first step behind this one and everything inside
	children []*block
	outputs  *outputs  // nil until they are known
	item     expr.Type // of a foreach: what it goes through
	caller   *node     // of a step in a called runbook: the step that runs it
}

// block is a row of steps that run one after another.
type block struct {
	owner  *node // nil for the runbook itself
	always bool  // its steps run when those of the owner's other blocks have ended
	steps  []*node
	from   int            // index of the first step
	to     int            // and of the first behind the block
	ids    map[string]int // see positions
	jumps  [][2]int       // backward, as positions: to, from; merged where they overlap
}

// outputs are what a step declares.
type outputs struct {
	names []string // in their order
	types map[string]expr.Type
	open  bool // anything may be there: what declares them could not be read
}

func (o *outputs) add(name string, t expr.Type) {
	if o.types == nil {
		o.types = map[string]expr.Type{}
	}
	o.names = append(o.names, name)
	o.types[name] = t
}

func (n *node) parent() *node { return n.block.owner }

func (n *node) loops() bool {
	return n.step.Kind == runbook.KindForEach || n.step.Kind == runbook.KindWhile
}

var StepIDTwice = codes.Error("IR0200", "two steps have the same id",
	"Jumps, expressions and people at the keyboard name steps by their id. Give each step of the runbook its own id.")

// lay builds the tree of a block and everything inside, and notes the ids.
func (c *checker) lay(owner *node, in inner) *block {
	steps := in.steps
	b := &block{owner: owner, always: in.always, from: len(c.order), steps: make([]*node, len(steps))}
	nodes := make([]node, len(steps))
	for i, s := range steps {
		n := &nodes[i]
		*n = node{step: s, block: b, pos: i, index: len(c.order)}
		b.steps[i] = n
		c.order = append(c.order, n)
		if first, taken := c.byID[s.ID.Value]; !taken {
			c.byID[s.ID.Value] = n
		} else if s.ID.Given() {
			c.report(StepIDTwice, s.ID.Span, "the id `"+s.ID.Value+"` is taken by the step in line "+line(first.step.Span), "give each step its own id").Related = []runbook.Related{{Span: first.span(), Message: "the first step with this id"}}
		}
		for _, child := range blocksOf(s) {
			n.children = append(n.children, c.lay(n, child))
		}
		n.end = len(c.order)
	}
	b.to = len(c.order)
	b.jumps = backwardJumps(b)
	return b
}

// inner is a block of a step.
type inner struct {
	steps  []*runbook.Step
	always bool // it runs in any case, when the others have ended
}

// blocksOf returns the blocks of a step, in the order of its plan's blocks.
func blocksOf(s *runbook.Step) []inner {
	if len(s.Always) > 0 {
		return append(innerOf(s), inner{s.Always, true})
	}
	return innerOf(s)
}

// innerOf returns the blocks that the step is about.
func innerOf(s *runbook.Step) []inner {
	switch s.Kind {
	case runbook.KindParallel:
		return each.Of(s.Parallel, func(branch *runbook.Step) inner { return inner{steps: []*runbook.Step{branch}} })
	case runbook.KindIf:
		if len(s.Else) == 0 {
			return []inner{{steps: s.Then}}
		}
		return []inner{{steps: s.Then}, {steps: s.Else}}
	case runbook.KindSwitch:
		out := each.Of(s.Cases, func(one runbook.Case) inner { return inner{steps: one.Steps} })
		if s.DefaultKey.Given() || len(s.Default) > 0 {
			out = append(out, inner{steps: s.Default})
		}
		return out
	case runbook.KindWhile, runbook.KindForEach:
		return []inner{{steps: s.Do}}
	case runbook.KindSteps:
		return []inner{{steps: s.Steps}}
	}
	return nil
}
