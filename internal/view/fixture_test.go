package view

import (
	"errors"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/journal"
)

const run = "01JDCK3X2VQ7N4R8Z5M6T1W0AB"

var (
	t0  = time.Date(2026, 11, 23, 21, 4, 0, 0, time.UTC)
	now = t0.Add(5 * time.Minute)
)

// as leaves a text as it is.
func as(s string) string { return s }

// screen is one thing to show. Every text that could come from outside goes
// through the function given to screens.
type shown struct {
	name string
	show func(p *Printer) error
	text bool // it has no JSON
	raw  bool // its lines are not broken
}

func screens(x func(string) string) []shown {
	failed := failing(x)
	return []shown{
		{name: "status", show: func(p *Printer) error { return p.Status(waiting(x), false) }},
		{name: "status-failed", show: func(p *Printer) error { return p.Status(failed, false) }},
		{name: "status-ended", show: func(p *Printer) error { return p.Status(ended(x), false) }},
		{name: "status-loop", show: func(p *Printer) error { return p.Status(loop(x), false) }},
		{name: "status-all", show: func(p *Printer) error { return p.Status(failed, true) }},
		{name: "list", show: func(p *Printer) error { return p.List(listRows(x), false) }},
		{name: "list-empty", show: func(p *Printer) error { return p.List(nil, false) }},
		{name: "incident", show: func(p *Printer) error { return p.Incident(incident(x), false) }},
		{name: "timeline", text: true, raw: true, show: func(p *Printer) error {
			l := p.Log(LogOptions{Audit: true})
			for _, e := range timeline(x) {
				if err := l.Observe(e, nil, nil); err != nil {
					return err
				}
			}
			return nil
		}},
		{name: "plan", show: func(p *Printer) error { return p.Plan(preview(x)) }},
		{name: "diagnostics", show: func(p *Printer) error {
			return p.Diagnostics(2, diagnostics(x), func(string) []byte { return []byte(x(source)) })
		}},
		{name: "verify", show: func(p *Printer) error {
			return p.Verify(projection.Verification{Run: run, Undrivable: errors.New("altered"), Report: journal.Report{Verdict: journal.Altered, Entries: 1200, Closed: true,
				Head: journal.Head{Seq: 1199, Hash: strings.Repeat("ab", 32)}, Findings: []journal.Finding{{Seq: 1200, Offset: 90210, Problem: x("the hash does not fit the line")}}}})
		}},
		{name: "verify-intact", show: func(p *Printer) error {
			return p.Verify(projection.Verification{Run: run, Report: journal.Report{Verdict: journal.Intact, Entries: 1, Head: journal.Head{Seq: 1, Hash: strings.Repeat("ab", 32)}}})
		}},
		{name: "verify-proven", show: func(p *Printer) error {
			c := journal.Checkpoint{Origin: "irctl/" + run, Size: 40, Root: [32]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}}
			return p.Verify(projection.Verification{Run: run, Given: true, Previous: run, PreviousWrong: x("it is gone"),
				Report: journal.Report{Verdict: journal.Intact, Entries: 41, Closed: true, Head: journal.Head{Seq: 41, Hash: strings.Repeat("ab", 32)}},
				Seals:  journal.Seals{Origin: c.Origin, Key: x("irctl/key+1234"), Checkpoints: 7, Last: c, Whole: c, Restarted: []int64{9}, Vouched: 40}})
		}},
		{name: "action", raw: true, show: func(p *Printer) error {
			return p.Action(spec(x), Abilities{Inspects: true, Undoes: true, Preflights: true})
		}},
		{name: "actions", show: func(p *Printer) error {
			return p.Actions([]action.Spec{spec(x), {Name: x("assert"), Effect: action.Read, Summary: x("Fail unless a condition holds.")}},
				func(string) Abilities { return Abilities{} })
		}},
		{name: "target-types", raw: true, show: func(p *Printer) error {
			return p.TargetTypes([]TypeUse{{TargetType: spec(x).Targets[0], Actions: []string{x("email.suspend"), x("email.restore")}}})
		}},
		{name: "targets", show: func(p *Printer) error { return p.Targets(targets(x)) }},
		{name: "environment", show: func(p *Printer) error { return p.Environment(labEnvironment(x)) }},
		{name: "runbooks", show: func(p *Printer) error {
			return p.Runbooks([]RunbookRow{{x("containment"), x("Contain a suspected breach"), x("shipped with irctl"), x("ab12")}})
		}},
		{name: "runbook", text: true, show: func(p *Printer) error { return p.Runbook(paperOf(x)) }},
		{name: "graph", show: func(p *Printer) error {
			return p.Graph(projection.GraphOf(paperPlan(x), Work, BlockLabel), GraphText)
		}},
		{name: "doctor", show: func(p *Printer) error { return p.Checks(checks(x)) }},
		{name: "problem", text: true, show: func(p *Printer) error {
			return p.Problem(Problem{x("another process drives run " + run + ": pid 4711 on desk.example.com since 21:04:00Z"),
				x("Nothing was changed. The run goes on there; this process only wanted to help."), []string{x("irctl status " + run + " --watch")}})
		}},
		{name: "table", text: true, show: func(p *Printer) error {
			return p.Table([]string{"system", "state", "what it does"}, [][]string{{x("mail"), x("up"), x("takes mail for the whole company")}})
		}},
		{name: "facts", text: true, show: func(p *Printer) error {
			return p.Facts(x("Version"), [2]string{"irctl", x("v1.2.3")}, [2]string{x("go"), x("go1.26")}, [2]string{"none", ""})
		}},
	}
}

func at(minutes float64) projection.Time {
	return projection.Time{Time: t0.Add(time.Duration(minutes * float64(time.Minute)))}
}

func base(x func(string) string) projection.Status {
	return projection.Status{
		Run: run, Runbook: x("containment"), Title: x("Contain a suspected breach"), Environment: x("lab"),
		Status: event.Waiting, Started: at(0), Driven: true, Now: now, By: event.Actor{User: x("dana"), Person: x("dana"), Host: x("desk")},
		Steps: []projection.Step{}, Waiting: []projection.Waiting{}, Next: []string{}, Head: projection.Head{Seq: 7, Hash: strings.Repeat("ab", 32)},
	}
}

func step(path string, depth int, s event.Status) projection.Step {
	out := projection.Step{Path: path, ID: tail(path), Kind: plan.Action, Status: s, Depth: depth, Outputs: map[string]any{}}
	out.Reached = s != event.Pending
	if out.Reached {
		out.Started = at(1)
	}
	if s.Ended() {
		out.Ended = at(1.05)
	}
	return out
}

func waiting(x func(string) string) projection.Status {
	s := base(x)
	opened := step("open-investigation", 0, event.Succeeded)
	opened.Title, opened.Summary, opened.Outputs = x("Open the investigation"), x("case INC-2026-7 is open"), map[string]any{"case": x("INC-2026-7")}
	authorise := step("authorise", 0, event.Waiting)
	authorise.Kind, authorise.Title = plan.Approve, x("May we take email and website offline?")
	contain := step("contain", 0, event.Pending)
	contain.Kind, contain.Block, contain.Inside = plan.Parallel, true, 2
	email, website := step("contain/email", 1, event.Pending), step("contain/website", 1, event.Pending)
	email.Action, email.Target = x("email.suspend"), x("corporate-mail")
	website.Title = x("Put the maintenance page up")
	s.Steps = []projection.Step{opened, authorise, contain, email, website}
	s.Waiting = []projection.Waiting{{
		Path: "authorise", For: projection.ForApproval, Roles: []string{x("commander"), x("legal")}, Need: 2, Have: 1, Since: at(1),
		Command: "irctl approve " + run + " authorise", Others: []string{"irctl reject " + run + " authorise"},
		Title: x("authorise"), Text: x("Customers will not reach the portal until it is restored.\nMay we?"), Deadline: at(16).Time,
	}}
	s.Next = []string{"irctl approve " + run + " authorise", "irctl rollback " + run}
	s.Undoable = 1
	return s
}

func failing(x func(string) string) projection.Status {
	s := waiting(x)
	s.Driven = false
	s.Steps[1].Status, s.Steps[1].Ended = event.Succeeded, at(2)
	s.Steps[2].Status, s.Steps[2].Reached, s.Steps[2].Started = event.Running, true, at(2)
	email, website := &s.Steps[3], &s.Steps[4]
	email.Status, email.Reached, email.Started, email.Attempts = event.Failed, true, at(2), 3
	email.Error = &event.Failure{Message: x("cannot reach 192.0.2.25:25: connection refused, after three attempts over two minutes, and nothing has been changed there")}
	website.Status, website.Reached, website.Started, website.Attempts = event.Running, true, at(2), 2
	website.RetryAt, website.Error = now.Add(20*time.Second), &event.Failure{Message: x("timed out")}
	unknown := step("rotate[alice]/reset", 0, event.InDoubt)
	unknown.Branch, unknown.Error = x("alice"), &event.Failure{Message: x("the connection broke")}
	s.Steps = append(s.Steps, unknown)
	s.Waiting = []projection.Waiting{
		{Path: "contain/email", For: projection.ForDecision, Roles: []string{}, Need: 1, Since: at(3), Command: "irctl retry " + run + " contain/email",
			Others: []string{"irctl skip " + run + " contain/email", "irctl rollback " + run}, Why: email.Error.Message, Hint: x("is the mail host up?")},
		{Path: "rotate[alice]/reset", For: projection.ForUnknown, Roles: []string{}, Need: 1, Since: at(4),
			Command: "irctl resolve " + run + " 'rotate[alice]/reset' --happened --reason \"\"", Why: x("the connection broke")},
	}
	s.Next = []string{"irctl retry " + run + " contain/email", "irctl resume " + run, "irctl rollback " + run}
	return s
}

func ended(x func(string) string) projection.Status {
	s := waiting(x)
	s.Status, s.Ended, s.Driven, s.Message = event.Succeeded, at(4), false, x("The breach is contained.")
	for i := range s.Steps {
		s.Steps[i].Status, s.Steps[i].Reached, s.Steps[i].Started, s.Steps[i].Ended = event.Succeeded, true, at(1), at(1.5)
	}
	s.Steps[4].Status, s.Steps[4].Reached = event.Skipped, false
	s.Outputs = event.Values{"case": x("INC-2026-7"), "accounts": []any{x("alice"), int64(2)}}
	s.Waiting, s.Undoable = []projection.Waiting{}, 3
	s.Stays, s.ByHand = []string{x("tell-customers"), x("rotate[bob]"), x("rotate[alice]"), x("tell-staff"), x("tell-war-room")}, []string{x("contain/email")}
	s.Next = []string{"irctl rollback " + run, "irctl audit verify " + run}
	return s
}

// loop is a foreach over twelve accounts, nine done, one failed, one running.
func loop(x func(string) string) projection.Status {
	s := base(x)
	s.Status = event.Running
	each := step("rotate", 0, event.Running)
	each.Kind, each.Block, each.Inside = plan.ForEach, true, 24
	s.Steps = append(s.Steps, each)
	for i := range 12 {
		status := event.Succeeded
		switch i {
		case 9:
			status = event.Failed
		case 10:
			status = event.Running
		case 11:
			status = event.Pending
		}
		key := string(rune('a' + i))
		for _, name := range []string{"reset", "verify"} {
			st := step("rotate["+key+"]/"+name, 1, status)
			st.Branch, st.Title = key, x("Rotate the account's password")
			s.Steps = append(s.Steps, st)
		}
	}
	s.Next = []string{"irctl status " + run + " --watch"}
	return s
}

func listRows(x func(string) string) []projection.Row {
	return []projection.Row{
		{Run: run, Place: 1, Incident: x("INC-2"), Runbook: x("containment"), Environment: x("lab"), Status: event.Waiting, Started: at(0), By: x("dana (root@desk)"),
			Degraded: 2, Waiting: []projection.Waiting{{Path: "authorise", For: projection.ForApproval, Roles: []string{x("commander")}, Need: 1}, {Path: "call", Roles: []string{}}}},
		{Run: "01JDCK3X2VQ7N4R8Z5M6T1W0AA", Place: 2, Title: x("Open again"), Runbook: x("restore-service"), Status: event.Succeeded, Started: at(-120), Ended: at(-90), Waiting: []projection.Waiting{}},
	}
}

func incident(x func(string) string) projection.Incident {
	v := projection.Incident{Incident: x("INC-2"), Runs: listRows(x), Contained: []projection.Look{
		{Path: x("email"), Action: "email.suspend", Target: x("corporate-mail"), Run: run, Since: at(2)},
	}}
	for _, e := range timeline(x) {
		v.Timeline = append(v.Timeline, projection.RunEntry{Run: run, Entry: projection.Tell(e)})
	}
	return v
}

func timeline(x func(string) string) []event.Event {
	tell := func(minutes float64, path string, by *event.Actor, b event.Body) event.Event {
		return event.Event{Time: at(minutes).Time, Path: path, By: by, Body: b}
	}
	dana := &event.Actor{User: x("dana"), Person: x("dana"), Host: x("desk")}
	return []event.Event{
		tell(0, "", dana, event.RunStarted{Run: run, Runbook: x("containment"), Title: x("Contain a suspected breach"), Environment: x("lab"), Source: x("containment.yaml")}),
		tell(1, "authorise", nil, event.ApprovalAsked{Text: x("May we?"), Roles: []string{x("commander")}, Need: 2, Deadline: at(16).Time}),
		tell(2, "authorise", dana, event.ApprovalGiven{Role: x("commander"), Comment: x("go")}),
		tell(3, "contain/email", nil, event.AttemptFailed{Attempt: 1, Error: event.Failure{Message: x("refused"), Hint: x("is it up?")}, RetryAt: at(3.5).Time}),
		tell(4, "contain/email", nil, event.StepSucceeded{Summary: x("mail is deferred with 451 (was: accepting)"), Verified: true, Artifacts: []event.Artifact{{}}}),
		tell(60*24, "", dana, event.NoteAdded{Text: x("the press called")}),
		tell(60*24+1, "", nil, event.RunEnded{Status: event.Succeeded}),
	}
}
