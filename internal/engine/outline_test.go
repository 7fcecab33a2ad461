package engine_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/plan/plantest"
)

// outline reads a plan, a step a line:
//
//	KIND NAME [KEY=VALUE]...
//
// What is indented below a step is its block; several blocks stand below lines
// "a:", "b:", "c:", which are their labels.
func outline(t *testing.T, text string) *plan.Plan {
	o := &outliner{t: t, lines: strings.Split(strings.TrimRight(text, "\n"), "\n")}
	steps := o.block(0)
	require.Empty(t, o.lines, "wrong indentation")
	return plantest.Build(steps...)
}

type outliner struct {
	t     *testing.T
	lines []string
}

// next returns the next line if it is indented so far.
func (o *outliner) next(depth int) (string, bool) {
	if len(o.lines) == 0 {
		return "", false
	}
	text := strings.TrimLeft(o.lines[0], " ")
	return text, len(o.lines[0])-len(text) == 2*depth
}

func (o *outliner) block(depth int) (steps []plantest.Step) {
	for {
		text, ok := o.next(depth)
		if !ok {
			return steps
		}
		o.lines = o.lines[1:]
		words := strings.Fields(text)
		s := plantest.Node(plan.Kind(words[0]), words[1])
		if s.Kind == plan.Action {
			s = plantest.Do(words[1])
		}
		for _, w := range words[2:] {
			o.option(&s, w)
		}
		if label, ok := o.next(depth + 1); !ok {
			steps = append(steps, s)
			continue
		} else if !strings.HasSuffix(label, ":") {
			s.Blocks = append(s.Blocks, o.block(depth+1))
		}
		for {
			label, ok := o.next(depth + 1)
			if !ok || !strings.HasSuffix(label, ":") {
				break
			}
			o.lines = o.lines[1:]
			s.Blocks = append(s.Blocks, o.block(depth+2))
			s.Always = label == "always:"
		}
		steps = append(steps, s)
	}
}

func (o *outliner) option(s *plantest.Step, text string) {
	key, value, _ := strings.Cut(text, "=")
	number := func() int {
		n, err := strconv.Atoi(value)
		require.NoError(o.t, err, text)
		return n
	}
	switch key {
	case "next":
		s.Goto = value
	case "on_failure":
		if policy, next, jump := strings.Cut(value, ":"); jump {
			require.Equal(o.t, string(plan.FailNext), policy)
			s.OnFail = next
		} else {
			s.OnFailure = plan.OnFailure{Policy: plan.Policy(policy), Next: plan.None}
		}
	case "approval":
		s.Approval = &plan.Approval{Roles: strings.Split(value, ","), Need: 1}
	case "need":
		s.Approval.Need = number()
	case "irreversible":
		s.Irreversible = value
	case "undo":
		s.Undo = &plan.Use{Action: value}
	case "max_parallel":
		s.MaxParallel = number()
	case "max_failures":
		s.MaxFailures = &plan.Share{Count: number()}
	case "batch":
		for _, size := range strings.Split(value, ",") {
			percent, part := strings.CutSuffix(size, "%")
			n, err := strconv.Atoi(percent)
			require.NoError(o.t, err, text)
			if part {
				s.Batches = append(s.Batches, plan.Share{Percent: n})
			} else {
				s.Batches = append(s.Batches, plan.Share{Count: n})
			}
		}
	case "canary":
		s.Canary = value
	case "verify":
		s.Verify = &plan.Use{Action: value}
	case "as":
		s.As = value
	case "asks":
		s.Verify = &plan.Use{Action: value}
	case "until":
		s.Condition = plan.Expr(value)
	case "status":
		s.StopStatus = value
	case "sets":
		s.Set = []plan.Assignment{{Name: value}}
	default:
		o.t.Fatalf("a step has no %q", key)
	}
}
