package cli

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/advice"
	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/connector"
	"github.com/irctl/irctl/internal/desk"
	"github.com/irctl/irctl/internal/durable"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/outside"
	"github.com/irctl/irctl/internal/registry"
	"github.com/irctl/irctl/internal/sshsig"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/internal/view"
	"github.com/irctl/irctl/pkg/action"
)

// app is one invocation: the world, and the flags that every command has.
type app struct {
	outside.World
	home   string // folder of the runs and the lab
	env    string // environment: a name or a path, "" for none
	output string // one of outputs

	scratch  string // "" until it is needed
	children host.Attempts
	printer  *view.Printer
	registry *registry.Registry
	files    []library.Connector // that some of registry come from
	signs    sshsig.Own          // the keys of whoever types
	onScreen bool                // the live screen has the terminal: nobody is asked for a passphrase
	real     func() time.Time    // the clock of the machine
	exercise *playing            // what this home is, unless its runs are real
}

// actions returns what a step can use, each as the world wraps it.
func (a *app) actions() *registry.Registry {
	if a.registry == nil && a.exercise != nil && a.exercise.Lab {
		a.registry, _ = a.actionsOf(nil)
	}
	if a.registry == nil {
		var err error
		if a.files, err = library.New(library.Config{Dir: a.Dir, User: a.Config, Machine: a.SystemConfig}).FindConnectors(); err != nil {
			_ = a.print().Warning(err.Error())
		}
		if a.registry, err = a.actionsOf(each.Of(a.files, func(c library.Connector) *connector.File { return c.File })); err != nil {
			_ = a.print().Warning(err.Error())
		}
	}
	return a.registry
}

// actionsOf are irctl's own actions, those of plugins, and those of connectors.
func (a *app) actionsOf(files []*connector.File) (*registry.Registry, error) {
	if a.exercise != nil && a.exercise.Lab { // what others bring could reach anything
		return registry.Builtin().Wrapped(a.exercise.stage.Play), nil
	}
	r, unused := a.plugins().Into(registry.Builtin())
	r, err := connector.Into(r, files)
	if a.exercise != nil {
		r = r.Wrapped(a.exercise.stage.Play)
	}
	if a.WrapAction != nil {
		r = r.Wrapped(a.WrapAction)
	}
	return r, errors.Join(unused, err)
}

// keptActions are the actions of a run that keeps files: its connectors are those.
func (a *app) keptActions(files [][]byte) func(name string) (action.Action, bool) {
	if a.exercise != nil {
		return a.actions().Lookup
	}
	var kept []*connector.File
	for _, source := range files {
		if library.KindOf(source) != library.KindConnector {
			continue
		}
		if f, found := connector.Parse("connector of the run", source); !found.HasErrors() {
			kept = append(kept, f)
		}
	}
	if len(kept) == 0 {
		return a.actions().Lookup
	}
	a.actions()
	for _, c := range a.files {
		if !slices.ContainsFunc(kept, func(f *connector.File) bool { return f.Name.Value == c.Name.Value }) {
			kept = append(kept, c.File)
		}
	}
	r, err := a.actionsOf(kept)
	if err != nil {
		_ = a.print().Warning(err.Error())
	}
	return r.Lookup
}

// library returns the files of this world.
func (a *app) library() *library.Library {
	p, actions := a.print(), a.actions() // somebody else may be using a by the time
	return library.New(library.Config{
		Dir: a.Dir, User: a.Config, Machine: a.SystemConfig, Lab: a.labDir(), Actions: actions, Connectors: a.files, Now: a.Now, Only: a.onlyExercise(),
		Waits: func(path string) { _ = p.Note(a.short(path) + ": nothing has come yet; Ctrl-C ends this") },
	})
}

// abs makes a path of the command line absolute.
func (a *app) abs(path string) string { return library.Config{Dir: a.Dir}.Abs(path) }

// short is a path as people like to read it.
func (a *app) short(path string) string { return library.Config{Dir: a.Dir}.Short(path) }

// stdin is what the argument "-" means to commands that read files.
func (a *app) stdin() library.Stream { return library.Stream{Name: "stdin", Read: a.Stdin} }

// defaultHome is $IRCTL_HOME, or irctl's folder among the user's state.
func (a *app) defaultHome() string {
	if home := a.Getenv("IRCTL_HOME"); home != "" {
		return home
	}
	return outside.Below(a.State, "irctl")
}

// runs is the folder of the store, "" if there is no home for it.
func (a *app) runs() string {
	if a.home == "" {
		return ""
	}
	return a.abs(a.home)
}

// labDir is where the lab of this home lives.
func (a *app) labDir() string { return filepath.Join(a.abs(a.home), "lab") }

// json reports whether the output is for machines.
func (a *app) json() bool { return a.output != "text" }

// desk is where people command the runs of this home.
func (a *app) desk() *desk.Desk {
	return desk.New(desk.Config{
		Store:   store.Open(a.runs(), a.FS, store.Version(outside.Version()), store.Clock(a.Now)),
		Version: outside.Version(), Action: a.actions().Lookup, Kept: a.keptActions, Children: &a.children,
		Policy: a.library().Policy, Scratch: a.scratchFolder,
		Dir: a.Dir, Now: a.Now, User: a.User, Host: a.Host, PID: a.PID, Signer: a.signer,
		Exercise: a.exercise.desk(),
	})
}

// scratchFolder is a folder for what is deleted when this process ends.
func (a *app) scratchFolder() (_ string, err error) {
	if a.scratch == "" {
		a.scratch, err = durable.Draft(os.TempDir()) // which sweeps those of processes that were killed
	}
	return a.scratch, err
}

func (a *app) discard() {
	if a.scratch != "" {
		_ = os.RemoveAll(a.scratch)
	}
}

// The groups of commands, in the order of help.
const (
	groupRun    = "run"
	groupBefore = "before"
	groupAfter  = "after"
	groupSetup  = "setup"
)

// newRoot makes the whole tree of commands.
func newRoot(a *app) *cobra.Command {
	root := command.Parent("irctl", "Carry out a containment plan: people command, a machine does it", a.commands()...)
	root.SilenceErrors, root.SilenceUsage = true, true
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetIn(a.Stdin)
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	root.SetArgs(a.Args)
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { _, _ = io.WriteString(a.Stdout, command.Help(cmd)) })
	root.SetFlagErrorFunc(command.FlagError)
	root.AddGroup(
		&cobra.Group{ID: groupRun, Title: "During an incident:"},
		&cobra.Group{ID: groupBefore, Title: "Before:"},
		&cobra.Group{ID: groupAfter, Title: "After:"},
		&cobra.Group{ID: groupSetup, Title: "Set-up:"},
	)
	a.globalFlags(root)
	a.bare(root)
	root.SetHelpCommand(grouped(groupSetup, newHelpCmd(a))[0])
	return root
}

// outputs are the formats of what goes to standard output.
var outputs = []string{"text", "json", "yaml"}

// globalFlags declares the flags of every command; their defaults come from
// environment variables (help environment-variables).
func (a *app) globalFlags(root *cobra.Command) {
	flags := root.PersistentFlags()
	flags.StringVar(&a.home, "home", a.defaultHome(), "`folder` of the runs (IRCTL_HOME)")
	flags.Lookup("home").DefValue = ""
	flags.StringVarP(&a.env, "env", "e", a.Getenv("IRCTL_ENV"), "environment, by `name` or path (IRCTL_ENV)")
	flags.Lookup("env").DefValue = ""
	flags.StringVarP(&a.output, "output", "o", cmp.Or(a.Getenv("IRCTL_OUTPUT"), "text"), "text, json or yaml, `format` of what goes to stdout")
	flags.BoolP("help", "h", false, "show the manual of a command")
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if !slices.Contains(outputs, a.output) {
			return command.Usagef("--output is text, json or yaml, not %q", a.output).With("irctl help output")
		}
		if err := a.enterExercise(cmd); err != nil {
			return err
		}
		if a.Unsettled != nil && !strings.HasPrefix(cmd.CommandPath(), "irctl config") {
			_ = a.print().Warning(a.Unsettled.Error())
		}
		if cmd.GroupID == groupRun && cmd.Name() != "halt" {
			a.warnOfHalt()
		}
		return nil
	}
	a.completes(root, "output", cobra.FixedCompletions(outputs, cobra.ShellCompDirectiveNoFileComp))
	a.completes(root, "env", a.completeEnvironments)
}

// bare makes irctl --version the same as irctl version, and irctl alone the
// overview.
func (a *app) bare(root *cobra.Command) {
	asked := root.Flags().Bool("version", false, "show the version of irctl")
	other := root.RunE
	root.RunE = func(cmd *cobra.Command, args []string) error {
		switch err := command.Unset(cmd, args); {
		case len(args) > 0 || err != nil:
			return other(cmd, args)
		case *asked:
			return a.version()
		}
		return a.overview(cmd)
	}
}

// Main runs one command in a world and returns the exit status.
func Main(w outside.World) int {
	a := &app{World: w.Settle()}
	a.Now = a.clock(w.Now)
	// cobra keeps what completes flags for as long as the process lives, and a with it.
	defer func() { a.registry, a.files = nil, nil }()
	defer a.children.Close()
	defer a.discard()
	err := newRoot(a).Execute()
	if err == nil {
		return int(command.ExitDone)
	}
	var e command.Ended
	if !errors.As(err, &e) && !a.unread(err) {
		a.complain(err)
	}
	return int(advice.Exit(err))
}

// unread reports whether an error is only that nobody reads standard output any
// more, as in `irctl list | head -1`.
func (a *app) unread(err error) bool {
	var at *fs.PathError
	out, ok := a.Stdout.(*os.File)
	return ok && errors.Is(err, syscall.EPIPE) && errors.As(err, &at) && at.Path == out.Name()
}
