package view

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/event"
)

// liveOn is a live screen that shows a run.
func liveOn(s projection.Status) *live {
	m := &live{theme: newTheme(&bytes.Buffer{}, false, false), progress: map[string]string{}, put: map[string]bool{},
		heard: map[string][]string{}, output: func(projection.Step) []string { return nil },
		asks: true, person: "dana", keys: true}
	m.update(s)
	return m
}

func (m *live) text80() string { return strings.Join(m.frame(80, 24, now), "\n") + "\n" }

// press sends keys: characters, and names in angle brackets.
func press(m *live, text string) *Answer {
	var last *Answer
	for _, part := range strings.SplitAfter(text, ">") {
		chars, name, named := strings.Cut(strings.TrimSuffix(part, ">"), "<")
		for _, r := range chars {
			last = m.key(key{char: r})
		}
		if named {
			last = m.key(key{name: name})
		}
	}
	return last
}

func manual() projection.Status {
	s := waiting(as)
	s.Waiting = []projection.Waiting{{
		Path: "call-bank", For: projection.ForManual, Roles: []string{}, Need: 1, Since: at(4), Text: "Call the bank's fraud desk.",
		Command: "irctl done " + run + " call-bank --set reference=", Answers: []plan.Field{
			{Name: "reference", Type: "string", Required: true, Description: "Theirs."}, {Name: "amount", Type: "int"}},
		Evidence: []plan.Field{{Name: "letter", Type: "file"}},
	}}
	return s
}

func TestLiveFrames(t *testing.T) {
	m := liveOn(waiting(as))
	golden(t, "live-approval.txt", m.text80())
	golden(t, "live-approval-40.txt", strings.Join(m.frame(40, 24, now), "\n")+"\n")
	golden(t, "live-approval-low.txt", strings.Join(m.frame(80, 8, now), "\n")+"\n")
	m = liveOn(manual())
	golden(t, "live-manual.txt", m.text80())
	m = liveOn(failing(as))
	m.asks = false
	m.progress["contain/website"] = "asking the portal"
	golden(t, "live-failed.txt", strings.Join(m.frame(80, 40, now), "\n")+"\n")
	golden(t, "live-failed-24.txt", m.text80())
	golden(t, "live-loop.txt", liveOn(loop(as)).text80())
	golden(t, "live-many.txt", liveOn(many(200, 120)).text80())
	for name, s := range map[string]projection.Status{
		"approval": waiting(as), "manual": manual(), "failed": failing(as), "loop": loop(as), "many": many(200, 120), "ended": ended(as),
	} {
		golden(t, "live-120x40-"+name+".txt", strings.Join(liveOn(s).frame(120, 40, now), "\n")+"\n")
	}
}

// TestNobodySaysYesToWhatWasNotInSight: a question that has no room is shown in
// parts, and a yes waits for its end.
func TestNobodySaysYesToWhatWasNotInSight(t *testing.T) {
	m := liveOn(waiting(as))
	at := func() string { return strings.Join(m.frame(80, 8, now), "\n") }
	require.Contains(t, at(), "lines 1 to 3 of 5: PgUp, PgDn")
	require.NotContains(t, at(), "until 21:20:00Z")
	press(m, "yes<enter>")
	require.Contains(t, at(), "Read it to its end first: PgDn.")
	press(m, "<page down>")
	require.Contains(t, at(), "until 21:20:00Z")
	press(m, "<page up>yes<enter>")
	require.Contains(t, at(), "yes: comment")
}

// TestTheLiveScreenShowsOneStepWhole, with what it says and what was kept.
func TestTheLiveScreenShowsOneStepWhole(t *testing.T) {
	s := many(200, 120)
	s.Steps[119].Kept = []event.Artifact{{Name: "stdout", Digest: "d"}}
	s.Steps[119].With = event.Values{"argv": []any{"seq", "3"}}
	m := liveOn(s)
	m.output = func(st projection.Step) []string {
		if len(st.Kept) == 0 {
			return nil
		}
		return []string{"stdout (6 bytes)", "1", "2", "3"}
	}
	for _, size := range [][2]int{{80, 24}, {120, 40}} {
		at := func() string { return strings.Join(m.frame(size[0], size[1], now), "\n") + "\n" }
		name := fmt.Sprintf("live-step-%dx%d-", size[0], size[1])
		at()
		press(m, "<up>")
		golden(t, name+"chosen.txt", at())
		press(m, "<enter>")
		golden(t, name+"opened.txt", at())
		press(m, "<escape>")
	}
	m.hear("step-120", []string{"one", "two"})
	m.text80()
	press(m, "<enter>")
	require.Contains(t, m.text80(), "| one\n| two\n")
	m.frame(80, 24, now)
	press(m, "<enter>f")
	require.Contains(t, m.text80(), "more above", "unfolded")
}

// many is a run of n steps in a row of which the one at i runs.
func many(n, i int) projection.Status {
	s := base(as)
	s.Status = event.Running
	for k := range n {
		status := event.Succeeded
		switch {
		case k == i:
			status = event.Running
		case k > i:
			status = event.Pending
		}
		s.Steps = append(s.Steps, step(fmt.Sprintf("step-%d", k), 0, status))
	}
	s.Next = []string{"irctl status " + run + " --watch"}
	return s
}

// TestLiveNeverHidesTheNextCommand: however small the terminal and long the
// run, the frame fits and its end is what a person must do.
func TestLiveNeverHidesTheNextCommand(t *testing.T) {
	dead := waiting(as)
	dead.Driven, dead.Next = false, append(dead.Next, "irctl resume "+run)
	for name, s := range map[string]projection.Status{"approval": waiting(as), "dead": dead, "failed": failing(as), "many": many(500, 250), "ended": ended(as), "loop": loop(as)} {
		for _, width := range []int{200, 80, 40, 24} {
			for _, height := range []int{60, 24, 12, 8} {
				m := liveOn(s)
				m.asks = false
				if !s.Driven { // it is watched
					m.prompt = nil
				}
				lines := m.frame(width, height, now)
				require.LessOrEqual(t, rows(lines, width), height-1, "%s at %dx%d", name, width, height)
				command := s.Next[0]
				if len(s.Waiting) > 0 {
					command = s.Waiting[0].Command
				}
				require.Contains(t, strings.Join(lines, "\n"), command, "%s at %dx%d", name, width, height)
				if !s.Driven && !s.Over() && height > 8 {
					require.Contains(t, strings.Join(lines, "\n"), "irctl resume "+run, "%s at %dx%d", name, width, height)
				}
			}
		}
	}
}

func TestLiveShowsWhatIsActive(t *testing.T) {
	for _, i := range []int{0, 1, 50, 198, 199} {
		m := liveOn(many(200, i))
		require.Contains(t, m.text80(), fmt.Sprintf("step-%d ", i))
	}
	m := liveOn(loop(as))
	for range 50 {
		m.key(key{name: keyUp})
	}
	require.NotEmpty(t, m.text80())
	m.key(key{name: keyDown}) // scrolling beyond the end is not remembered
	require.NotContains(t, m.text80(), "more above")
}

func TestApprovalOnTheLiveScreen(t *testing.T) {
	m := liveOn(waiting(as))
	require.Nil(t, press(m, "xyes<enter>YES<enter>"))
	require.Contains(t, m.text80(), "yes: comment (Enter for none): _")
	require.Equal(t, &Answer{Path: "authorise", For: projection.ForApproval, Yes: true, Person: "dana", Comment: "go ahead",
		Values: map[string]string{}, Evidence: map[string]string{}}, press(m, "go agead<erase><erase><erase><erase>head<enter>"))
	require.Contains(t, m.text80(), "sending the answer")
	require.Nil(t, press(m, "nnn<enter>"), "nothing is taken while an answer is under way")
	m.sent(Answer{Path: "authorise"}, nil)
	require.NotContains(t, m.text80(), "Do you approve")
	require.Contains(t, m.text80(), "authorise: the answer is in the journal.")
}

// TestWhatIsTypedIntoTheWrongWindowApprovesNothing: a command or a pasted line
// has a y in it, and ends with Enter.
func TestWhatIsTypedIntoTheWrongWindowApprovesNothing(t *testing.T) {
	m := liveOn(waiting(as))
	for _, text := range []string{"systemctl restart nginx", "y", "yy", "ls /tmp/yes", "yes please", "n", ""} {
		require.Nil(t, press(m, text+"<enter><enter>"), text)
		require.Contains(t, m.text80(), "Type yes, no or later: _")
		require.Equal(t, -1, m.prompt.at, text)
	}
	require.Contains(t, m.text80(), "Type yes, no or later.")
	require.True(t, press(m, "yes<enter><enter>").Yes)
}

func TestRefusedAnswerIsAskedAgain(t *testing.T) {
	m := liveOn(waiting(as))
	a := press(m, "no<enter><enter>")
	require.False(t, a.Yes)
	m.sent(*a, errors.New("dana is not a commander\x1b[31m"))
	require.Contains(t, m.text80(), "dana is not a commander␛[31m")
	require.Contains(t, m.text80(), "Do you approve authorise?")
}

func TestPuttingAnAnswerOff(t *testing.T) {
	m := liveOn(waiting(as))
	press(m, "later<enter>")
	require.Contains(t, m.text80(), "Press a to answer here.")
	require.Contains(t, m.text80(), "irctl approve "+run+" authorise")
	press(m, "a")
	require.Contains(t, m.text80(), "Do you approve authorise?")
	press(m, "yes<enter><escape>")
	require.Nil(t, m.prompt)
}

func TestManualStepOnTheLiveScreen(t *testing.T) {
	m := liveOn(manual())
	m.prompt, m.person = nil, ""
	m.ask()
	require.Nil(t, press(m, "yes<enter><enter>"))
	require.Contains(t, m.text80(), "An answer is needed here.")
	require.Equal(t, &Answer{Path: "call-bank", For: projection.ForManual, Yes: true,
		Values: map[string]string{"reference": "FD-ü1"}, Evidence: map[string]string{"letter": "/tmp/l.pdf"}},
		press(m, "oops<erase line>FD-ü1<enter><enter>/tmp/l.pdf<enter>"))
}

func TestAWrongAnswerIsRefusedAtItsField(t *testing.T) {
	m := liveOn(manual())
	m.prompt, m.check = nil, func(f plan.Field, text string) error {
		if f.Type == "int" && text != "7" {
			return errors.New(f.Name + " is no whole number")
		}
		return nil
	}
	m.ask()
	require.Nil(t, press(m, "yes<enter>FD-1<enter>many<enter>"))
	require.Contains(t, m.text80(), "amount is no whole number")
	require.Contains(t, m.text80(), "amount (int, may be empty): many_")
	require.Nil(t, press(m, "<erase line>7<enter>"))
	require.Equal(t, map[string]string{"reference": "FD-1", "amount": "7"}, press(m, "/tmp/l.pdf<enter>").Values)
}

func TestTheNameIsAskedForOnlyWhenTheLoginWillNotDo(t *testing.T) {
	m := liveOn(waiting(as))
	m.prompt, m.person = nil, ""
	m.ask()
	a := press(m, "yes<enter><enter>")
	require.Equal(t, "", a.Person)
	m.sent(*a, errors.New("root is nobody in the environment"))
	require.Nil(t, press(m, "yes<enter>"))
	require.Contains(t, m.text80(), "your name in the environment")
	require.Equal(t, "omar", press(m, "omar<enter><enter>").Person)
}

func TestDecisionOnTheLiveScreen(t *testing.T) {
	m := liveOn(failing(as))
	require.Nil(t, m.prompt, "nobody said that decisions are taken here")
	m.decides = true
	m.ask()
	require.Contains(t, m.text80(), "contain/email failed. Type retry, skip, rollback or later: _")
	require.Nil(t, press(m, "yes<enter>skip<enter>"))
	require.Contains(t, m.text80(), "skip: comment (Enter for none): _")
	require.Equal(t, &Answer{Path: "contain/email", For: projection.ForDecision, Person: "dana", Comment: "by phone",
		Values: map[string]string{}, Evidence: map[string]string{}}, press(m, "by phone<enter>"))
}

func TestAnswerGivenElsewhereEndsThePrompt(t *testing.T) {
	m := liveOn(waiting(as))
	press(m, "yes<enter>")
	m.update(many(3, 1))
	require.Nil(t, m.prompt)
	require.Contains(t, m.text80(), "authorise has been answered elsewhere.")
}

func TestKeys(t *testing.T) {
	names := func(in string) (out []string) {
		keys, rest := decode([]byte(in))
		for _, k := range keys {
			if k.char != 0 {
				k.name = string(k.char)
			}
			out = append(out, k.name)
		}
		if len(rest) > 0 {
			out = append(out, fmt.Sprintf("rest %x", rest))
		}
		return out
	}
	require.Equal(t, []string{"a", "ü", "enter", "erase", "interrupt", "erase line"}, names("aü\r\x7f\x03\x15"))
	require.Equal(t, []string{"up", "down", "page down", "x"}, names("\x1b[A\x1bOB\x1b[6~\x1b[15;2~x"))
	require.Equal(t, []string{"escape"}, names("\x1b"))
	require.Equal(t, []string{"a", "rest c3"}, names("a\xc3"))
	require.Empty(t, names("\xff\x00\x1b[99"))
}

func TestReadingKeysJoinsCharacters(t *testing.T) {
	out, stop := make(chan key, 8), make(chan struct{})
	readKeys(&chunks{"a\xc3", "\xbc", "b"}, out, stop)
	close(out)
	var got []rune
	for k := range out {
		got = append(got, k.char)
	}
	require.Equal(t, "aüb", string(got))
}

// chunks is a reader that returns one text at a time.
type chunks []string

func (c *chunks) Read(p []byte) (int, error) {
	if len(*c) == 0 {
		return 0, errors.New("the end")
	}
	n := copy(p, (*c)[0])
	*c = (*c)[1:]
	return n, nil
}

// glass is a terminal that knows what screens write: text, \r, \n, cursor up
// and the erasing of a line. Rows that scroll out are its history.
type glass struct {
	width, height int
	rows          []string
	row, col      int
	history       []string
}

func (g *glass) Write(p []byte) (int, error) {
	for text := string(p); text != ""; {
		var n int
		switch m := upOrErase.FindStringSubmatch(text); {
		case m != nil && m[2] == "A":
			up, _ := strconv.Atoi(cmp.Or(m[1], "1"))
			g.row, n = max(g.row-up, 0), len(m[0])
		case m != nil:
			g.rows[g.row], n = "", len(m[0])
		case text[0] == '\r':
			g.col, n = 0, 1
		case text[0] == '\n':
			g.down()
			n = 1
		default:
			if g.col == g.width {
				g.down()
				g.col = 0
			}
			line := pad(g.rows[g.row], g.col)
			g.rows[g.row] = line[:g.col] + text[:1] + line[min(g.col+1, len(line)):]
			g.col, n = g.col+1, 1
		}
		text = text[n:]
	}
	return len(p), nil
}

var upOrErase = regexp.MustCompile(`^\x1b\[(\d*)([AK])`)

func (g *glass) down() {
	if g.row++; g.row == g.height {
		g.history, g.rows = append(g.history, g.rows[0]), append(g.rows[1:], "")
		g.row--
	}
}

func (g *glass) text() string { return strings.TrimRight(strings.Join(g.rows, "\n"), "\n") }

func newGlass(width, height int) (*glass, *screen) {
	g := &glass{width: width, height: height, rows: make([]string, height)}
	return g, &screen{w: g, size: func() (int, int) { return g.width, g.height }}
}

func TestScreenKeepsWhatIsAbove(t *testing.T) {
	g, s := newGlass(20, 8)
	_, _ = g.Write([]byte("$ irctl\r\n"))
	require.NoError(t, s.draw([]string{"one", "two"}))
	require.NoError(t, s.draw([]string{"one", "three", "four"}))
	require.Equal(t, "$ irctl\none\nthree\nfour", g.text())
	require.NoError(t, s.above("note\nmore"))
	require.Equal(t, "$ irctl\nnote\nmore\none\nthree\nfour", g.text())
	require.NoError(t, s.draw([]string{strings.Repeat("x", 30), "three"}))
	require.Equal(t, "$ irctl\nnote\nmore\n"+strings.Repeat("x", 20)+"\n"+strings.Repeat("x", 10)+"\nthree", g.text())
	require.NoError(t, s.draw([]string{"y", "three"}))
	require.Equal(t, "$ irctl\nnote\nmore\ny\nthree", g.text())
	require.NoError(t, s.draw(nil))
	require.Equal(t, "$ irctl\nnote\nmore", g.text())
}

// A screen that is redrawn ten times a second leaves nothing in the history of
// the terminal, also where it fills it, and writes only what is new.
func TestScreenLeavesNoFramesInTheHistory(t *testing.T) {
	g, s := newGlass(20, 5)
	for i := range 100 {
		require.NoError(t, s.draw([]string{"head", strconv.Itoa(i) + "s", strings.Repeat("long", 5+i%2)}))
	}
	require.Empty(t, g.history)
	require.Equal(t, "head\n99s\n"+strings.Repeat("long", 5)+"\nlong", strings.Join(g.rows[:4], "\n"))

	var b bytes.Buffer
	s.w = &b
	require.NoError(t, s.draw([]string{"head", "100s", strings.Repeat("long", 6), "foot"}))
	require.NotContains(t, b.String(), "head")
	b.Reset()
	require.NoError(t, s.draw(s.lines))
	require.Empty(t, b.String(), "nothing has changed")

	s.w, g.width = g, 8 // the terminal has wrapped the lines anew
	require.NoError(t, s.draw([]string{"y"}))
	require.Equal(t, "y", g.text())
}

func TestHostileTextIsHarmlessOnTheLiveScreen(t *testing.T) {
	for _, s := range []projection.Status{waiting(hostile), failing(hostile), loop(hostile)} {
		m := liveOn(s)
		m.progress["contain/website"] = hostile("asking")
		press(m, "yes<enter>\u202e<enter>")
		m.sent(Answer{Path: hostile("x")}, errors.New(hostile("no")))
		harmless(t, m.text80())
	}
}

// TestFollowOfAnOldRunKnowsItsName: a resumed run's first event is long past.
func TestFollowOfAnOldRunKnowsItsName(t *testing.T) {
	p, out, _ := printer(nil, Text)
	f := p.Follow(FollowOptions{Run: run})
	require.NoError(t, f.Observe(event.Event{Time: t0, Path: "a", Body: event.ApprovalAsked{Roles: []string{"commander"}}}, nil, nil))
	require.Contains(t, out.String(), "irctl approve "+run+" a\n")
}

func TestFollowAsJSONWritesTheJournalsOwnBytes(t *testing.T) {
	p, out, errs := printer(looks[0].env, JSON)
	f := p.Follow(FollowOptions{})
	require.NoError(t, f.Observe(event.Event{}, []byte(`{"seq":1,"x":"\u0007  "}`+"\n"), nil))
	require.NoError(t, f.Observe(event.Event{}, []byte(`{"seq":2}`), nil))
	f.Progress("a", "b")
	require.NoError(t, f.Finish(waiting(as)))
	require.Equal(t, "{\"seq\":1,\"x\":\"\\u0007  \"}\n{\"seq\":2}\n", out.String())
	require.Contains(t, errs.String(), "irctl approve "+run+" authorise")
}

func TestFollowOffATerminalWritesALinePerEvent(t *testing.T) {
	p, out, errs := printer(nil, Text)
	f := p.Follow(FollowOptions{})
	for _, e := range []event.Event{
		{Time: t0, By: &event.Actor{User: "dana"}, Body: event.RunStarted{Run: run, Runbook: "containment"}},
		{Time: t0, Path: "authorise", Body: event.ApprovalAsked{Text: hostile("May\nwe?"), Roles: []string{"commander"}, Need: 1}},
		{Time: t0.Add(65 * time.Second), Path: "contain/email", Body: event.StepSucceeded{Summary: "mail is deferred with 451 (was: accepting)"}},
	} {
		require.NoError(t, f.Observe(e, nil, nil))
	}
	require.NoError(t, f.Finish(waiting(as)))
	lines := strings.Split(out.String(), "\n")
	require.Len(t, lines, 4)
	require.Equal(t, "21:05:05Z  contain/email  succeeded  mail is deferred with 451 (was: accepting)", lines[2])
	require.True(t, strings.HasSuffix(lines[1], "  irctl approve "+run+" authorise"), lines[1])
	harmless(t, out.String())
	require.Contains(t, errs.String(), "next: irctl approve "+run+" authorise\n")
}

func TestWhatWasRecordedForUndoingIsNoNews(t *testing.T) {
	p, out, _ := printer(nil, Text)
	require.NoError(t, p.Follow(FollowOptions{}).Observe(event.Event{Time: t0, Path: "email", Body: event.AttemptRecorded{Attempt: 1}}, nil, nil))
	require.Empty(t, out.String())
}

func TestALongQuestionTakesTheRoomThereIs(t *testing.T) {
	s := waiting(as)
	s.Waiting = s.Waiting[:1]
	s.Waiting[0].Text = strings.Repeat("May we go offline, all of us, now? ", 60)
	lines := liveOn(s).frame(80, 24, now)
	require.LessOrEqual(t, len(lines), 23)
	require.Greater(t, strings.Count(strings.Join(lines, " "), "go offline"), 10)
	require.Contains(t, lines[len(lines)-1], "Type yes, no or later: _")
}

func TestTheFirstCtrlCIsSeenToWork(t *testing.T) {
	m := liveOn(many(30, 3))
	require.Contains(t, m.text80(), "Ctrl-C once: begin nothing new")
	m.stops = 1
	require.Contains(t, m.text80(), "Stopping: nothing new begins, what runs goes on to its end.")
	m.stops = 2
	require.Contains(t, m.text80(), "Stopping: what runs is killed.")
	m.asks = false
	require.Contains(t, m.text80(), "ends watching; the run goes on.")
}

// TestFollowLeavesTheLastState runs the live screen's loop without a keyboard.
func TestFollowLeavesTheLastState(t *testing.T) {
	p, out, _ := printer(looks[0].env, Text)
	p.out.live = true
	f := p.Follow(FollowOptions{Answer: nil})
	require.True(t, f.Live())
	require.NoError(t, f.Observe(event.Event{}, nil, func() projection.Status { return many(30, 3) }))
	f.Progress("step-3", "half-way")
	require.NoError(t, p.Note("something"))
	require.NoError(t, f.Finish(ended(as)))
	f.Close()
	text := out.String()
	require.Contains(t, text, "goes back over 3 steps, newest first; --dry-run says what of each\n")
	require.Contains(t, text[strings.LastIndex(text, ansi.EraseEntireLine)+1:], "The breach is contained.")
}
