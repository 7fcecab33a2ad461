//go:build unix

package real

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/child"
	"github.com/irctl/irctl/internal/realtest"
)

// pane is a terminal in which a person works: what is on it can be read, and
// keys can be pressed.
type pane struct {
	t            *testing.T
	tmux, socket string
	home         string // where irctl keeps its runs and the lab
}

// openPane opens a terminal with a shell in it.
func openPane(t *testing.T, width, height int, shell string) *pane {
	p := &pane{t: t, tmux: realtest.Need(t, "tmux"), socket: filepath.Join(t.TempDir(), "tmux")}
	p.home = t.TempDir()
	cmd := child.Command(t, p.home, nil)
	words := []string{"env"}
	for _, v := range append(cmd.Env, "PS1=$ ", "ENV=", "LC_ALL=C.UTF-8") {
		words = append(words, "'"+v+"'")
	}
	p.tell("-f", "/dev/null", "new-session", "-d", "-x", strconv.Itoa(width), "-y", strconv.Itoa(height), strings.Join(append(words, shell), " "))
	t.Cleanup(func() { _ = p.command("kill-server").Run() })
	p.enter("irctl() { " + cmd.Path + ` "$@"; }; clear`)
	return p
}

func (p *pane) command(args ...string) *exec.Cmd {
	cmd := exec.Command(p.tmux, append([]string{"-S", p.socket}, args...)...)
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "TERM=xterm-256color"}
	return cmd
}

func (p *pane) tell(args ...string) string {
	p.t.Helper()
	out, err := p.command(args...).CombinedOutput()
	require.NoError(p.t, err, "%s", out)
	return strings.TrimRight(string(out), "\n")
}

// lab starts the lab, and returns what ends it.
func (p *pane) lab() (down func()) {
	require.NoError(p.t, child.Command(p.t, p.home, nil, "lab", "up").Run())
	return func() { require.NoError(p.t, child.Command(p.t, p.home, nil, "lab", "down").Run()) }
}

// screen is what a person reads.
func (p *pane) screen() string { return p.tell("capture-pane", "-p", "-J") }

// press presses keys as tmux names them; enter types a line.
func (p *pane) press(keys ...string) { p.tell(append([]string{"send-keys", "--"}, keys...)...) }

func (p *pane) enter(line string) {
	p.tell("send-keys", "-l", "--", line)
	p.press("Enter")
}

// until waits until the screen shows what is wanted, and returns what matched.
func (p *pane) until(wanted string) []string {
	p.t.Helper()
	pattern := regexp.MustCompile(wanted)
	var found []string
	require.Eventually(p.t, func() bool {
		found = pattern.FindStringSubmatch(p.screen())
		return found != nil
	}, time.Minute, 20*time.Millisecond, "%s does not appear on\n%s", wanted, screenOf(p))
	return found
}

// answer says yes to all that is asked, until the screen shows what is wanted.
func (p *pane) answer(wanted string) {
	p.t.Helper()
	for {
		asked := p.until(`(` + wanted + `)|(Read it to its end first)|Type (yes):\s*$|Do you (approve) .*later: _|yes: .*(_)`)
		switch {
		case asked[1] != "":
			return
		case asked[2] != "":
			p.press("PageDown")
			p.enter("yes")
		case asked[3] != "":
			p.enter("yes")
		case asked[4] != "":
			p.enter("yes")
		default:
			p.press("Enter")
		}
		time.Sleep(200 * time.Millisecond) // the screen is drawn ten times a second
	}
}

// screenOf shows the screen when it is printed, not before.
type lateScreen struct{ *pane }

func screenOf(p *pane) lateScreen   { return lateScreen{p} }
func (l lateScreen) String() string { return l.screen() }

func (p *pane) history() int {
	n, err := strconv.Atoi(p.tell("display-message", "-p", "#{history_size}"))
	require.NoError(p.t, err)
	return n
}

// A person who reads the screen, and types what it says, contains a breach in
// the lab and undoes it.
func TestContainmentIsPlayedAtATerminal(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 40}} {
		t.Run(strconv.Itoa(size[0])+"x"+strconv.Itoa(size[1]), func(t *testing.T) {
			p := openPane(t, size[0], size[1], "sh")
			defer p.lab()()
			p.enter("irctl run containment --env lab")
			p.until(`(?s)incident \(string\):`)
			p.enter("yesterday's")
			p.until(`(?s)does not match the pattern.*incident \(string\):`)
			p.enter("INC-1")
			p.until(`(?s)containment in lab would change.*email\.suspend on corporate-mail.*Run it\? Type yes:`)
			p.enter("yes")
			p.until(`Do you approve decide/authorise\? Type yes, no or later: _`)
			require.Contains(t, p.screen(), "Take email and the website offline for INC-1?", "nobody approves what they cannot read")
			p.press("Down", "Down", "PageUp")
			before := p.history()
			p.enter("yes")
			var next []string
			for {
				if next = p.until(`undo: (irctl rollback \S+)|yes: .*_`); next[1] != "" {
					break
				}
				p.press("Enter") // the journal needs no more than the yes
			}
			require.Less(t, p.history()-before, 60, "frames do not fill the history")
			p.enter("clear; " + next[1])
			p.answer(`run \S+\s+↩ undone`)
			p.enter("clear; irctl lab probe mail")
			p.until(`answers 250`)
		})
	}
}

// A shell that does not set its terminal right by itself can be typed in after
// irctl was killed.
func TestATerminalIsUsableAfterAKill(t *testing.T) {
	p := openPane(t, 80, 24, "dash")
	defer p.lab()()
	p.enter("irctl run containment --env lab --input incident=INC-1")
	p.until(`Run it\? Type yes:`)
	p.enter("no")
	p.until(`it was not agreed to`)
	p.enter("clear; irctl run containment --env lab --input incident=INC-1 --yes")
	p.until(`Do you approve`)
	out, err := exec.Command("pgrep", "-P", p.tell("display-message", "-p", "#{pane_pid}")).Output()
	require.NoError(t, err)
	pid, err := strconv.Atoi(strings.TrimSpace(string(out)))
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	p.until("Killed")
	tty := p.tell("display-message", "-p", "#{pane_tty}")
	require.Eventually(t, func() bool { // what is typed before irctl's other process was there is lost
		out, err := exec.Command("stty", "-F", tty, "-a").Output()
		return err == nil && strings.Contains(string(out), " icanon")
	}, time.Minute, 20*time.Millisecond)
	p.enter("clear; echo typed")
	p.until(`(?m)^typed$`)
}
