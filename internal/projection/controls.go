package projection

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/pkg/event"
)

// Controls are what an auditor asks of a run: was every rule kept, and where was
// an exception made. [Controls.Add] folds a journal; [Controls.Found] is what
// there is to look at.
type Controls struct {
	Found []Case

	run    string
	asked  map[string]event.ApprovalAsked // what a step last asked, by its path
	given  map[string][]voice             // and who agreed since
	undone map[string][]voice             // and who agreed to undo it, in this rollback
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
	{"override", "Was a playbook run although it must not, a run taken over, or its log begun anew?"},
	{"shared", "Did two runs change the same target?"},
	{"halt", "Was everything halted?"},
	{"evidence", "Was evidence handed over?"},
}

// Add takes up the next entry of a run's journal.
func (c *Controls) Add(seq int64, e event.Event) {
	found := func(control string, kept bool, text string) {
		c.Found = append(c.Found, Case{control, kept, c.run, seq, Time{e.Time}, e.Path, Who(e.By), text})
	}
	switch b := e.Body.(type) {
	case event.RunStarted:
		*c = Controls{Found: c.Found, run: b.Run, asked: map[string]event.ApprovalAsked{}, given: map[string][]voice{}, undone: map[string][]voice{}, failed: map[string]Case{}}
		if len(b.Overrode) > 0 {
			found("override", false, overrode(b))
		}
	case event.ApprovalAsked:
		c.asked[e.Path] = b
		delete(c.given, e.Path)
	case event.ApprovalGiven:
		c.answered(found, e, reply{true, b.Undo, b.BreakGlass, b.Signed})
	case event.ApprovalRefused:
		c.answered(found, e, reply{false, b.Undo, "", b.Signed})
	case event.RollbackStarted:
		clear(c.undone)
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
	case event.RunTakenOver, event.TailSetAside, event.LogRestarted, event.OverrideRequested:
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
		if b.Status == event.Succeeded {
			c.Found = append(c.Found, slices.SortedFunc(maps.Values(c.failed), func(a, b Case) int { return cmp.Compare(a.Entry, b.Entry) })...)
		}
		clear(c.failed)
	}
}

func (e Entry) message() string { return phrases(e.Word, e.Text) }

// reply is an answer to what a step asked, or to whether it may be undone.
type reply struct {
	yes, undo bool
	glass     string
	signed    event.Signed
}

// voice is who agreed: two are of two people if neither the person nor what vouches
// for it is the same.
type voice struct{ who, person, by string }

// answered judges an answer.
func (c *Controls) answered(found func(string, bool, string), e event.Event, r reply) {
	asked, given := c.asked[e.Path], c.given
	if r.undo { // which may be answered at any time
		asked.Deadline, given = time.Time{}, c.undone
	}
	signed := r.signed != (event.Signed{})
	found("signed", signed, map[bool]string{true: "signed", false: "not signed"}[signed])
	if late := !asked.Deadline.IsZero() && e.Time.After(asked.Deadline); late {
		found("in-time", false, "answered after "+Time{asked.Deadline}.String())
	}
	if r.glass != "" {
		found("break-glass", false, r.glass)
	}
	if !r.yes || r.glass != "" || e.By == nil {
		return
	}
	v := voice{Who(e.By), e.By.Person, "account " + e.By.User}
	if signed { // by whatever account it was handed in
		v.by = r.signed.Key
	}
	by := append(given[e.Path], v)
	if given[e.Path] = by; len(by) != asked.Need || asked.Need < 2 {
		return
	}
	people, vouched, names := map[string]bool{}, map[string]bool{}, []string{}
	for _, v := range by {
		people[v.person], vouched[v.by] = true, true
		names = append(names, v.who)
	}
	found("two-person", len(people) == asked.Need && len(vouched) == asked.Need, fmt.Sprintf("%d asked, agreed: %s", asked.Need, strings.Join(names, ", ")))
}
