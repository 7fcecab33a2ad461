package check

import (
	"strconv"

	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// Deps is what the rules know about the world.
type Deps struct {
	// Spec returns the description of an action.
	Spec func(name string) (action.Spec, bool)
	// Names returns all actions, for suggestions. nil: none are known.
	Names func() []string
	// Inspects reports whether an action can look at its target without
	// changing it. nil: all can.
	Inspects func(name string) bool
	// Undoes reports whether an action can put back what it changed. nil: all
	// can.
	Undoes func(name string) bool
	// Callee returns the runbook that a step of the runbook in file from runs.
	// nil: none can be read.
	Callee func(name, from string) (*runbook.Runbook, error)
	// Roles returns the people who hold a role. nil: nobody knows.
	Roles func(role string) []string
}

// Facts are what the rules found out and compile needs.
type Facts struct {
	// Timed holds the wait steps whose `until` is a time; the others' is a
	// condition.
	Timed map[*runbook.Step]bool
	// Results are the types of a block's outputs, in their order.
	Results map[*runbook.Step][]expr.Type
	// Outputs are the types of the runbook's own outputs, in their order.
	Outputs []expr.Type
}

// Runbook returns everything that is wrong with a parsed runbook, and what
// somebody with experience would raise about it (review.go). Other runbooks
// that it runs are looked at only as far as this one depends on them.
func Runbook(rb *runbook.Runbook, d Deps) runbook.Diagnostics {
	c := analyze(rb, d)
	c.review()
	return c.found
}

// Analyze returns what it found out about a parsed runbook, and what is wrong
// with it: Runbook without the review, for a runbook that is about to run. The
// facts are whole only if there are no errors.
func Analyze(rb *runbook.Runbook, d Deps) (*Facts, runbook.Diagnostics) {
	c := analyze(rb, d)
	return c.facts, c.found
}

func analyze(rb *runbook.Runbook, d Deps) *checker {
	c := &checker{
		rb: rb, deps: d, most: maxFindings, byID: map[string]*node{}, inputs: map[string]*runbook.Input{},
		used: map[string]bool{}, byAction: map[string]*outputs{}, choices: map[*runbook.Input]choices{}, vars: map[string]*variable{},
		facts: &Facts{Timed: map[*runbook.Step]bool{}, Results: map[*runbook.Step][]expr.Type{}},
	}
	if d.Names == nil {
		c.deps.Names = func() []string { return nil }
	}
	if d.Inspects == nil {
		c.deps.Inspects = func(string) bool { return true }
	}
	if d.Undoes == nil {
		c.deps.Undoes = func(string) bool { return true }
	}
	c.declarations()
	c.main = c.lay(nil, inner{steps: rb.Steps})
	c.prepare()
	c.steps(c.main)
	c.runbookItself()
	c.deadlocks()
	c.unused()
	if c.more {
		last := c.found[len(c.found)-1].Span
		c.found = append(c.found, language.TooManyFindings.At(last, "more problems are not shown", "correct these first"))
	}
	return c
}

// checker holds one runbook while it is checked.
type checker struct {
	rb     *runbook.Runbook
	deps   Deps
	found  runbook.Diagnostics
	facts  *Facts
	main   *block
	order  []*node // all steps, as they stand in the file
	byID   map[string]*node
	inputs map[string]*runbook.Input
	names  []string // of inputs, in their order
	ids    []string // of steps, sorted; nil until somebody asks
	// varNames are the names of variables, sorted; nil until somebody asks.
	varNames []string
	used     map[string]bool // inputs that some expression mentions, or may have been meant to
	most     int             // findings before the rest is left out
	more     bool            // some were left out
	exprs    expr.Compiler   // of all expressions of the runbook
	// overworked: they take too much work together, which is reported.
	overworked bool
	vars       map[string]*variable
	safe       map[string]bool     // runbooks from which no call leads back here
	byAction   map[string]*outputs // of actions that steps use, by name
	choices    map[*runbook.Input]choices
	// callees are the runbooks that steps run, by the name that they are run by.
	callees  map[string]*called
	meetings map[*node][]*node // steps of another branch that wait for a step
	lost     int               // of these, those that could not be read
}

// prepare notes what must be known before the first step is checked: which
// variables there are, and the outputs that need no expression to be known.
func (c *checker) prepare() {
	for _, n := range c.order {
		for _, p := range n.step.Set {
			c.variable(p.Key.Value).setBy(n)
		}
		n.outputs = c.declared(n.step)
	}
}

// steps checks a block from top to bottom.
func (c *checker) steps(b *block) {
	for _, n := range b.steps {
		if c.full() {
			c.more = true
			return
		}
		c.step(n)
		for _, child := range n.children {
			c.steps(child)
		}
		c.results(n)
	}
}

// maxFindings is how many errors, and how many warnings, one file may have
// before the rest is left out: nobody reads them, and a file that is made to
// have many must not cost much.
const maxFindings = 200

// full reports whether enough was found. What is beyond it is not looked at.
func (c *checker) full() bool { return len(c.found) >= c.most }

// report adds a finding and returns it, for what else there is to say of it
// right then.
func (c *checker) report(code *finding.Code, at runbook.Span, summary, detail string) *runbook.Diagnostic {
	if c.full() {
		c.more = true
		return &runbook.Diagnostic{}
	}
	c.found = append(c.found, code.At(at, summary, detail))
	return &c.found[len(c.found)-1]
}

func line(s runbook.Span) string { return strconv.Itoa(s.Start.Line) }
