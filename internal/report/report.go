package report

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/clock"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/journal"
)

// Report is an incident, or one run, as people read it afterwards.
type Report struct {
	Title   string    `json:"title"`
	Banner  string    `json:"banner,omitempty"` // what stands above everything; "" is nothing
	TLP     string    `json:"tlp,omitempty"`    // Traffic Light Protocol 2.0: "AMBER"; "" is none
	Made    string    `json:"made"`
	Irctl   string    `json:"irctl"`
	Summary []string  `json:"summary"` // sentences
	Open    []string  `json:"open_questions"`
	Besides []Section `json:"besides,omitempty"` // tables that are about no run
	Runs    []Run     `json:"runs"`
	Unread  []string  `json:"unread,omitempty"` // runs that are missing here, and why
	Left    []string  `json:"left_out,omitempty"`
}

// Run is one run of it.
type Run struct {
	ID          string `json:"run"`
	Name        string `json:"name"`
	Runbook     string `json:"runbook"`
	Environment string `json:"environment"`
	Status      string `json:"status"`
	Degraded    int    `json:"degraded"`
	By          string `json:"by"`
	Started     string `json:"started"`
	Ended       string `json:"ended,omitempty"`
	Took        string `json:"took"`
	Message     string `json:"message,omitempty"`

	Contained  []Row `json:"contained"` // what is so because of it
	Decisions  []Row `json:"decisions"`
	Waits      []Row `json:"waits"`
	Failures   []Row `json:"failures"`
	Exceptions []Row `json:"exceptions"` // to the rules that an auditor asks about
	Clocks     []Row `json:"clocks"`
	Evidence   []Row `json:"evidence"`
	Outputs    []Row `json:"outputs"` // what steps sent, printed and fetched
	Undo       []Row `json:"undo"`
	Timeline   []Row `json:"timeline"`
	Proof      []Row `json:"proof"`
	Chart      Chart `json:"-"`
}

// Row is one line of a table. What a column means is said by the table's heading.
type Row struct {
	Entry int64  `json:"entry,omitempty"` // of the journal, which proves it
	Time  string `json:"time,omitempty"`
	What  string `json:"what"`
	Who   string `json:"who,omitempty"`
	Text  string `json:"text,omitempty"`
	Sent  string `json:"sent,omitempty"` // the command or request
}

// Options are what the reader is told besides.
type Options struct {
	Incident string // "" if it is of one run
	TLP      string
	Irctl    string // the version
	Now      time.Time
	Unread   []error
	// Of an exercise: what every reader must know, sentences and tables besides.
	Banner  string
	Summary []string
	Besides []Section
}

// Make makes a report of runs, oldest first.
func Make(accounts []projection.Account, o Options) Report {
	out := Report{Banner: o.Banner, Besides: o.Besides, TLP: o.TLP, Irctl: o.Irctl, Made: stamp(o.Now), Unread: each.Of(o.Unread, func(err error) string { return err.Error() }), Open: []string{}, Runs: []Run{}}
	for _, a := range accounts {
		out.Runs = append(out.Runs, runOf(a, o.Now))
		out.Open = append(out.Open, open(a)...)
	}
	out.Summary = append(summary(accounts, o), o.Summary...)
	switch {
	case o.Incident != "":
		out.Title = "Incident " + o.Incident
	case len(accounts) > 0:
		s := accounts[0].Status
		out.Title = cmp.Or(s.Title, s.Runbook)
		if s.Incident != "" {
			out.Title += ": " + s.Incident
		}
	}
	for _, why := range out.Unread {
		out.Open = append(out.Open, "What a run that cannot be read says: "+why)
	}
	texts(reflect.ValueOf(&out).Elem(), clean)
	return out
}

func runOf(a projection.Account, now time.Time) Run {
	s := a.Status
	end := s.Ended.Time
	if end.IsZero() {
		end = now
	}
	out := Run{
		ID: s.Run, Name: cmp.Or(s.Title, s.Runbook), Runbook: s.Runbook, Environment: s.Environment, Status: string(s.Status), Degraded: s.Degraded,
		By: projection.Who(&s.By), Started: stamp(s.Started.Time), Ended: stamp(s.Ended.Time), Took: span(end.Sub(s.Started.Time)), Message: s.Message,
		Chart: chart(s, a.Waits, end),
	}
	for _, l := range a.Contained {
		text := l.Action
		if !l.Expires.IsZero() {
			text += ", until " + stamp(l.Expires.Time)
		}
		out.Contained = append(out.Contained, Row{Time: stamp(l.Since.Time), What: strings.TrimSpace(l.Target + " " + l.Path), Text: text + ", " + span(l.Since.Sub(s.Started.Time)) + " after the start"})
	}
	for _, e := range a.Entries {
		row := Row{Entry: e.Seq, Time: stamp(e.Time.Time), What: strings.TrimSpace(e.Path + " " + e.Word), Who: e.By, Text: e.Text, Sent: e.Sent}
		out.Timeline = append(out.Timeline, row)
		if e.Decision {
			out.Decisions = append(out.Decisions, row)
		}
		if e.Failure {
			out.Failures = append(out.Failures, row)
		}
	}
	for _, w := range a.Waits {
		text := span(w.Length(now))
		if w.Ended.IsZero() {
			text += ", and it still waits"
		}
		if w.Dropped {
			text += ", until the run ended"
		}
		out.Waits = append(out.Waits, Row{Time: stamp(w.Began.Time), What: w.Path, Who: w.By, Text: text + ": " + w.For})
	}
	for _, c := range a.Controls.Found {
		out.Exceptions = append(out.Exceptions, Row{Entry: c.Entry, Time: stamp(c.Time.Time), What: c.Control, Who: c.By, Text: strings.TrimPrefix(c.Step+": "+c.Text, ": ")})
	}
	for _, c := range s.Clocks {
		out.Clocks = append(out.Clocks, clockRow(c))
	}
	for _, item := range a.Custody.Items {
		if item.Kind == "output" && len(item.HandOvers) == 0 {
			out.Outputs = append(out.Outputs, output(item))
			continue
		}
		out.Evidence = append(out.Evidence, evidence(item)...)
	}
	out.Undo, out.Proof = undo(s), proof(a)
	return out
}

func clockRow(c projection.Clock) Row {
	row := Row{What: c.Title, Who: c.Who, Text: string(c.State)}
	switch c.State {
	case clock.Waiting:
		row.Text = "not begun: nobody stated " + strings.Join(c.Starts, " or ")
	case clock.Met, clock.Late:
		row.Text = map[clock.State]string{clock.Met: "told in time", clock.Late: "told late"}[c.State] + ", " + stamp(c.Ended.Time)
	case clock.Missed:
		row.Text = "the time is over, and nobody was told as far as the journal says"
	}
	if !c.Due.IsZero() {
		row.Time = c.Local.Format("Mon 2006-01-02 15:04 MST")
		if !c.Was.IsZero() {
			row.Text += ", put off from " + stamp(c.Was.Time)
		}
		row.Text += "; from " + c.From + " at " + stamp(c.Began.Time)
	}
	return row
}

func output(item projection.Evidence) Row {
	return Row{What: item.Step + " " + item.Name, Who: item.ID, Text: fmt.Sprintf("%s, %d bytes", digest(item), item.Size)}
}

func digest(item projection.Evidence) string {
	if item.Digest == "" {
		return "lost: " + item.Lost
	}
	return "SHA-256 " + item.Digest
}

func evidence(item projection.Evidence) []Row {
	text := strings.Join(slices.DeleteFunc([]string{digest(item), fmt.Sprintf("%d bytes", item.Size), cmp.Or(item.Source, item.From), item.Method, item.Note, item.Changed},
		func(s string) bool { return s == "" }), ", ")
	out := []Row{{What: item.ID + " " + item.Name, Time: stamp(item.Collected.Time), Who: cmp.Or(item.By, "irctl"), Text: text}}
	for _, h := range item.HandOvers {
		out = append(out, Row{Entry: h.Entry, Time: stamp(h.Time.Time), What: item.ID + " handed over", Who: h.By, Text: "to " + h.To + ": " + h.Reason})
	}
	return out
}

// undo says what a rollback has put back, could, and cannot.
func undo(s projection.Status) (out []Row) {
	for _, st := range s.Steps {
		if st.Status == event.Undone {
			out = append(out, Row{Time: stamp(st.Ended.Time), What: st.Path, Text: "put back. " + st.Summary})
		}
	}
	if s.Undoable > 0 {
		out = append(out, Row{What: fmt.Sprintf("%d steps", s.Undoable), Text: "a rollback would take them back"})
	}
	for _, path := range s.Stays {
		out = append(out, Row{What: path, Text: "cannot be taken back"})
	}
	for _, path := range s.ByHand {
		out = append(out, Row{What: path, Text: "a person did it, and a person must undo it"})
	}
	return out
}

// proof says what the journal proves, in words that claim no more than it does.
func proof(a projection.Account) []Row {
	if a.Played {
		return []Row{{What: "an exercise", Text: "it was played, so there is no journal"}}
	}
	if a.Unproven != nil {
		return []Row{{What: "not verified", Text: a.Unproven.Error()}}
	}
	v := a.Verified
	text := fmt.Sprintf("%d entries", v.Report.Entries)
	if v.Report.Verdict == journal.Intact {
		text += ", consistent in themselves; nothing from outside was held against them for this report"
	}
	out := []Row{{What: string(v.Report.Verdict), Text: text}}
	if code := v.Seals.Whole.Fingerprint(); code.Size > 0 {
		out = append(out, Row{What: "fingerprint", Text: code.String() + ", as words: " + code.Words()})
	}
	for _, f := range v.Report.Findings {
		out = append(out, Row{Entry: f.Seq, What: string(f.Kind), Text: f.Problem})
	}
	for _, at := range v.Anchors {
		out = append(out, Row{What: "anchor " + at.Name, Time: stamp(at.At.Time), Text: at.Says()})
	}
	for _, text := range v.Warnings {
		out = append(out, Row{What: "warning", Text: text})
	}
	return append(out, Row{What: "to check it", Text: projection.Command("audit", "verify", a.Status.Run)})
}

// summary is the whole in a few sentences.
func summary(accounts []projection.Account, o Options) []string {
	var out []string
	var first time.Time
	targets, failures, glass := map[string]bool{}, 0, 0
	var waited time.Duration
	for _, a := range accounts {
		s := a.Status
		if first.IsZero() || s.Started.Before(first) {
			first = s.Started.Time
		}
		for _, l := range a.Contained {
			targets[cmp.Or(l.Target, l.Path)] = true
		}
		glass += len(s.BreakGlass)
		for _, w := range a.Waits {
			waited += w.Length(o.Now)
		}
		for _, e := range a.Entries {
			if e.Event == "step_failed" {
				failures++
			}
		}
		text := fmt.Sprintf("%s was started by %s on %s", cmp.Or(s.Title, s.Runbook), projection.Who(&s.By), stamp(s.Started.Time))
		switch {
		case s.Ended.IsZero():
			text += fmt.Sprintf(" and is %s.", s.Status)
		default:
			text += fmt.Sprintf(" and ended %s after %s.", s.Status, span(s.Ended.Sub(s.Started.Time)))
		}
		out = append(out, text)
	}
	if at, what := firstContained(accounts); !at.IsZero() {
		out = append(out, fmt.Sprintf("The first containment was %s, %s after the start. %s still as these runs left it.", what, span(at.Sub(first)), things(len(targets), "system is", "systems are")))
	}
	out = append(out, fmt.Sprintf("%s. People were waited for during %s in all.", things(failures, "step failed", "steps failed"), span(waited)))
	if glass > 0 {
		out = append(out, things(glass, "approval was", "approvals were")+" given by one person in place of others (break-glass).")
	}
	return out
}

func firstContained(accounts []projection.Account) (at time.Time, what string) {
	for _, a := range accounts {
		for _, l := range a.Contained {
			if at.IsZero() || l.Since.Before(at) {
				at, what = l.Since.Time, l.Action+" on "+cmp.Or(l.Target, l.Path)
			}
		}
	}
	return at, what
}

// asks are what people are waited for to do.
var asks = map[projection.For]string{
	projection.ForApproval: "a yes or a no", projection.ForManual: "somebody to do it by hand",
	projection.ForDecision: "a decision after it failed", projection.ForUnknown: "somebody to find out whether it happened",
}

// open is what nobody has answered yet.
func open(a projection.Account) []string {
	s := a.Status
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, w := range s.Waiting {
		add("%s waits for %s since %s.", w.Path, asks[w.For], stamp(w.Since.Time))
	}
	for _, st := range s.Steps {
		switch {
		case st.Status == event.InDoubt:
			add("Whether %s took effect.", st.Path)
		case st.Status == event.Failed && s.Status == event.Succeeded:
			add("%s failed, and the run went on without it.", st.Path)
		}
	}
	for _, c := range s.Clocks {
		switch c.State {
		case clock.Waiting:
			add("Whether %s applies: nobody stated %s.", c.Name, strings.Join(c.Starts, " or "))
		case clock.Missed:
			add("Why %s were not told by %s (%s).", c.Who, stamp(c.Due.Time), c.Name)
		}
	}
	for _, item := range a.Custody.Items {
		if item.Digest == "" {
			add("What %s of %s said: it was lost (%s).", item.Name, item.Step, item.Lost)
		}
	}
	if !a.Played && (a.Unproven != nil || a.Verified.Report.Verdict != journal.Intact) {
		add("Whether the journal of run %s is what was written: see its proof.", s.Run)
	}
	return out
}

func things(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}

func span(d time.Duration) string {
	switch {
	case d < time.Second:
		return "less than a second"
	case d < time.Minute:
		return things(int(d/time.Second), "second", "seconds")
	case d < time.Hour:
		return fmt.Sprintf("%d min %02d s", d/time.Minute, d%time.Minute/time.Second)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %02d min", d/time.Hour, d%time.Hour/time.Minute)
	}
	return things(int(d/(24*time.Hour)), "day", "days")
}

func clean(text string) string { return action.CleanLine(text, 2000) }
