package cli_test

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/irctl/irctl/internal/cli"
	"github.com/irctl/irctl/internal/lab"
	"github.com/irctl/irctl/internal/outside"
	"github.com/irctl/irctl/internal/store"
)

var update = flag.Bool("update", false, "write the expected texts of the scripts anew")

// machine is the variable with the folder that stands for the machine's own
// configuration.
const machine = "IRCTL_TEST_MACHINE"

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"irctl": func() {
			w := outside.System()
			if etc := os.Getenv(machine); etc != "" {
				w.SystemConfig = etc
			}
			os.Exit(cli.Main(w))
		},
	})
}

// TestScripts runs the real program. Each script has its own home, working
// folder and lab.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           filepath.Join("testdata", "scripts"),
		UpdateScripts: *update,
		Deadline:      time.Now().Add(3 * time.Minute),
		Setup: func(env *testscript.Env) error {
			home := filepath.Join(env.WorkDir, "home")
			for _, kv := range [][2]string{
				{"HOME", env.WorkDir}, {machine, filepath.Join(env.WorkDir, "etc")}, {"IRCTL_HOME", home}, {"XDG_CONFIG_HOME", filepath.Join(env.WorkDir, "config")},
				{"NO_COLOR", "1"}, {"LC_ALL", "C.UTF-8"}, {"COLUMNS", "80"}, {"IRCTL_ENV", ""},
			} {
				env.Setenv(kv[0], kv[1])
			}
			env.Defer(func() { _, _ = lab.Down(context.Background(), filepath.Join(home, "lab")) })
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "newest": newest, "until": until, "signal": signal, "narrow": narrow, "screenful": screenful, "typed": typed, "flip": flip, "scan": scan,
		},
	})
}

// screenful: what the last command wrote fits 40 lines.
func screenful(ts *testscript.TestScript, _ bool, _ []string) {
	if n := strings.Count(ts.ReadFile("stdout"), "\n"); n > 40 {
		ts.Fatalf("%d lines", n)
	}
}

// exits STATUS COMMAND...: the command ends with exactly this status.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := err.(*exec.ExitError)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("%s ended with %d, want %d", strings.Join(args[1:], " "), got, want)
	}
}

// newest VAR: sets a variable to the id of the newest run.
func newest(ts *testscript.TestScript, _ bool, args []string) {
	entries, err := os.ReadDir(filepath.Join(ts.Getenv("IRCTL_HOME"), "runs"))
	ts.Check(err)
	if len(entries) == 0 {
		ts.Fatalf("there are no runs")
	}
	ts.Setenv(args[0], entries[len(entries)-1].Name())
}

// typed FILE [COMMAND...]: the shell script FILE leads to a state, each time anew,
// and every command that the command then prints, irctl status if there is none, is
// typed as it is. One that leaves out
// what only a person knows says so; every other one works.
func typed(ts *testscript.TestScript, _ bool, args []string) {
	sh := func(text string) (string, string) {
		var out, err strings.Builder
		cmd := exec.Command("sh", "-c", text)
		cmd.Dir, cmd.Stdout, cmd.Stderr = ts.MkAbs("."), &out, &err
		cmd.Env = append(os.Environ(), "IRCTL_HOME="+ts.Getenv("IRCTL_HOME"), "IRCTL_ENV="+ts.Getenv("IRCTL_ENV"))
		_ = cmd.Run() // the status is that of the run
		return out.String(), err.String()
	}
	shows := "irctl status --all"
	if len(args) > 1 {
		shows = strings.Join(args[1:], " ") + " 2>&1"
	}
	printed := regexp.MustCompile(`(?m)(?:^ +|^next: |^then: |^or: |^undo: |drives it: )(irctl .*)$`)
	for i, n := 0, 1; i < n; i++ {
		_, _ = sh(ts.ReadFile(args[0]))
		screen, _ := sh(shows)
		commands := printed.FindAllStringSubmatch(screen, -1)
		if n = len(commands); n == 0 {
			ts.Fatalf("nothing is printed:\n%s", screen)
		}
		command := commands[i][1]
		_, said := sh(command)
		lacking := regexp.MustCompile(`=<|""|=( |$)|=''`).MatchString(command)
		ts.Logf("%s", command)
		if refused := strings.HasPrefix(said, "error:"); refused != lacking || strings.Contains(said, "panic") {
			ts.Fatalf("%s\nprinted by\n%s\nsays\n%s", command, screen, said)
		}
	}
}

// until REGEXP COMMAND...: repeats a command until its output matches. It is
// how a script meets a process in the background; a minute is for ever.
func until(ts *testscript.TestScript, _ bool, args []string) {
	want := regexp.MustCompile(args[0])
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		cmd := exec.Command(args[1], args[2:]...)
		cmd.Dir = ts.MkAbs(".")
		cmd.Env = append(os.Environ(), "IRCTL_HOME="+ts.Getenv("IRCTL_HOME"))
		out, _ := cmd.Output()
		if want.Match(out) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s never printed %q, but:\n%s", strings.Join(args[1:], " "), args[0], out)
		}
	}
}

// signal NAME RUN: sends a signal to the process that drives a run.
func signal(ts *testscript.TestScript, _ bool, args []string) {
	owner, driven, err := store.Open(ts.Getenv("IRCTL_HOME"), nil).Driven(args[1])
	ts.Check(err)
	if !driven || owner.PID == 0 {
		ts.Fatalf("nobody drives run %s", args[1])
	}
	p, err := os.FindProcess(owner.PID)
	ts.Check(err)
	if args[0] == "kill" {
		ts.Check(p.Kill())
		return
	}
	ts.Check(p.Signal(os.Interrupt))
}

// narrow: no line of the standard output is wider than 80 columns.
func narrow(ts *testscript.TestScript, _ bool, _ []string) {
	for line := range strings.Lines(ts.ReadFile("stdout")) {
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 80 {
			ts.Fatalf("%d columns: %s", n, line)
		}
	}
}

// flip FILE OFFSET: changes one bit of one byte, from the end if negative.
func flip(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	b, err := os.ReadFile(path)
	ts.Check(err)
	at, err := strconv.Atoi(args[1])
	ts.Check(err)
	if at < 0 {
		at += len(b)
	}
	b[at] ^= 1
	ts.Check(os.WriteFile(path, b, 0o600))
}
