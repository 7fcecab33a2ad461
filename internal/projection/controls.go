package projection

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/irctl/irctl/pkg/event"
)

// Controls are what an auditor asks of a run: was every rule kept, and where was
// an exception made. [Controls.Add] folds a journal; [Controls.Found] is what
// there is to look at.
type Controls struct {
	Found []Case

	run    string
	asked  map[string]event.ApprovalAsked // what a step last asked, by its path
	given  map[string][]event.Actor       // and who agreed since
	failed map[string]Case                // steps that failed, and nobody decided about
}

// Case is an entry at which a control was kept, or an exception to one.
type Case struct {
	Control string
	Kept    bool
	Run     string
	Entry   int64
	Time    Time
	Step    string
	By      string
	Text    string
}

// The controls, in the order in which they are shown.
var ControlNames = []struct{ Name, Asks string }{
	{"journal", "Does the journal verify, and is the run there that was the one before it?"},
	{"two-person", "Where several people had to agree, did several agree?"},
	{"signed", "Is every answer to a question signed with its person's key?"},
	{"in-time", "Was every question answered in time?"},
	{"break-glass", "Did one person alone agree to what others were to agree to?"},
	{"tolerated", "Did a run succeed although a step had failed?"},
	{"person", "Did a person decide in the place of irctl: skip a step, resolve an unknown outcome, correct an answer?"},
	{"override", "Was a playbook run although it must not, or a run taken over?"},
	{"shared", "Did two runs change the same target?"},
	{"halt", "Was everything halted?"},
	{"evidence", "Was evidence handed over?"},
}

// Add takes up the next entry of a run's journal.
func (c *Controls) Add(seq int64, e event.Event, line []byte) {
	found := func(control string, kept bool, text string) {
		c.Found = append(c.Found, Case{control, kept, c.run, seq, Time{e.Time}, e.Path, Who(e.By), text})
	}
	switch b := e.Body.(type) {
	case event.RunStarted:
		*c = Controls{Found: c.Found, run: b.Run, asked: map[string]event.ApprovalAsked{}, given: map[string][]event.Actor{}, failed: map[string]Case{}}
		if len(b.Overrode) > 0 {
			found("override", false, overrode(b))
		}
	case event.ApprovalAsked:
		c.asked[e.Path] = b
		delete(c.given, e.Path)
	case event.ApprovalGiven:
		c.answered(found, e, line, true)
	case event.ApprovalRefused:
		c.answered(found, e, line, false)
	case event.StepFailed:
		if _, asked := c.asked[e.Path]; asked && b.Error.Timeout && b.Attempt == 0 {
			found("in-time", true, "nobody agreed in time, and nothing was done: "+b.Error.Message)
		}
		c.failed[e.Path] = Case{"tolerated", false, c.run, seq, Time{e.Time}, e.Path, Who(e.By), b.Error.Message}
	case event.StepRetried, event.StepSucceeded:
		delete(c.failed, e.Path)
	case event.StepSkipped:
		if delete(c.failed, e.Path); e.By != nil {
			found("person", false, "skipped: "+b.Reason)
		}
	case event.StepResolved:
		found("person", false, Tell(e).message())
	case event.AnswerCorrected:
		found("person", false, Tell(e).message())
	case event.RunTakenOver, event.TailSetAside:
		found("override", false, Tell(e).message())
	case event.TargetShared:
		found("shared", false, Tell(e).message())
	case event.RunPaused:
		if b.Halt {
			found("halt", false, b.Reason)
		}
	case event.EvidenceHandedOver:
		found("evidence", true, Tell(e).message())
	case event.RunEnded:
		for _, f := range c.failed {
			if b.Status == event.Succeeded {
				c.Found = append(c.Found, f)
			}
		}
		c.failed = map[string]Case{}
	}
}

func (e Entry) message() string { return phrases(e.Word, e.Text) }

// answered judges an answer to what a step asked.
func (c *Controls) answered(found func(string, bool, string), e event.Event, line []byte, yes bool) {
	var raw struct { // what this version need not know of an answer
		Signed     json.RawMessage `json:"signed"`
		BreakGlass string          `json:"break_glass"`
	}
	_ = json.Unmarshal(line, &raw)
	asked := c.asked[e.Path]
	signed := len(raw.Signed) > 0
	found("signed", signed, map[bool]string{true: "signed", false: "not signed"}[signed])
	if late := !asked.Deadline.IsZero() && e.Time.After(asked.Deadline); late {
		found("in-time", false, "answered after "+Time{asked.Deadline}.String())
	}
	if raw.BreakGlass != "" {
		found("break-glass", false, raw.BreakGlass)
	}
	if !yes || e.By == nil {
		return
	}
	by := append(c.given[e.Path], *e.By)
	if c.given[e.Path] = by; len(by) != asked.Need || asked.Need < 2 {
		return
	}
	people, accounts, names := map[string]bool{}, map[string]bool{}, []string{}
	for _, a := range by {
		people[a.Person], accounts[a.User] = true, true
		names = append(names, Who(&a))
	}
	found("two-person", len(people) == asked.Need && len(accounts) == asked.Need, fmt.Sprintf("%d asked, agreed: %s", asked.Need, strings.Join(names, ", ")))
}
