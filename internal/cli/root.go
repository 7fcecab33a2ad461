package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/irctl/irctl/internal/desk"
	"github.com/irctl/irctl/internal/drive"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/outside"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/registry"
	"github.com/irctl/irctl/internal/sshsig"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/internal/view"
)

// app is one invocation: the world, and the flags that every command has.
type app struct {
	outside.World
	home   string // folder of the runs and the lab
	env    string // environment: a name or a path, "" for none
	output string // one of outputs

	scratch  string // "" until it is needed
	children process.Attempts
	printer  *view.Printer
	exits    map[*cobra.Command][]Exit // of each command, beside those that all have
	registry *registry.Registry
	signs    sshsig.Own // the keys of whoever types
	onScreen bool       // the live screen has the terminal: nobody is asked for a passphrase
}

// actions returns what a step can use, each as the world wraps it.
func (a *app) actions() *registry.Registry {
	if a.registry == nil {
		a.registry = registry.Builtin()
		if a.WrapAction != nil {
			a.registry = a.registry.Wrapped(a.WrapAction)
		}
	}
	return a.registry
}

// library returns the files of this world.
func (a *app) library() *library.Library {
	return library.New(library.Config{
		Dir: a.Dir, User: a.Config, Machine: a.SystemConfig, Lab: a.labDir(), Actions: a.actions(), Now: a.Now,
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
		Version: outside.Version(), Action: a.actions().Lookup, Children: &a.children,
		Policy: a.library().Policy, Scratch: a.scratchFolder,
		Dir: a.Dir, Now: a.Now, User: a.User, Host: a.Host, PID: a.PID, Signer: a.signer,
	})
}

// scratchFolder is a folder for what is deleted when this process ends.
func (a *app) scratchFolder() (_ string, err error) {
	if a.scratch == "" {
		a.scratch, err = os.MkdirTemp("", "irctl-")
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

// work is what a command does with its arguments.
type work func(ctx context.Context, args []string) error

// command makes a command of its usage line, which says how many arguments it
// takes ([...] may be left out), and of the exit statuses besides done, failed
// and wrong usage. What its manual says besides usage, flags and exit statuses
// stands in internal/manual/commands, in a file of the command's name
// (audit-show.txt): the text, then "Example:".
func (a *app) command(use, short string, run work, complete cobra.CompletionFunc, exits ...Exit) *cobra.Command {
	cmd := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  argsOf(use),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := unset(cmd, args); err != nil {
				return err
			}
			return run(cmd.Context(), args)
		},
		ValidArgsFunction:     complete,
		DisableFlagsInUseLine: true,
	}
	if a.exits == nil {
		a.exits = map[*cobra.Command][]Exit{}
	}
	a.exits[cmd] = exits
	return cmd
}

// unset refuses what was given and is empty, as a variable of a shell is that
// was never set: a command must not take that for everything.
func unset(cmd *cobra.Command, args []string) (err error) {
	if len(args) > 0 && args[0] == "" { // a setting's value may be
		return usagef("the first argument is empty").meaning("Nothing was done.")
	}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		given := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			given = list.GetSlice()
		}
		if len(given) == 0 || slices.ContainsFunc(given, func(s string) bool { return strings.TrimSpace(s) == "" }) {
			err = usagef("--%s was given an empty value", f.Name).meaning("Nothing was done.")
		}
	})
	return err
}

// parent makes a command that only holds others.
func (a *app) parent(name, short string, children ...*cobra.Command) *cobra.Command {
	var cmd *cobra.Command
	cmd = a.command(name, short, func(_ context.Context, args []string) error {
		switch {
		case len(args) > 0:
			return unknownCommand(cmd, args[0])
		case !cmd.HasParent():
			return a.overview(cmd)
		}
		return cmd.Help()
	}, nil)
	cmd.Args = cobra.ArbitraryArgs
	cmd.AddCommand(children...)
	return cmd
}

// newRoot makes the whole tree of commands.
func newRoot(a *app) *cobra.Command {
	root := a.parent("irctl", "Carry out a containment plan: people command, a machine does it", a.commands()...)
	root.SilenceErrors, root.SilenceUsage = true, true
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetIn(a.Stdin)
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	root.SetArgs(a.Args)
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { a.help(cmd) })
	root.SetFlagErrorFunc(flagError)
	root.AddGroup(
		&cobra.Group{ID: groupRun, Title: "During an incident:"},
		&cobra.Group{ID: groupBefore, Title: "Before:"},
		&cobra.Group{ID: groupAfter, Title: "After:"},
		&cobra.Group{ID: groupSetup, Title: "Set-up:"},
	)
	a.globalFlags(root)
	a.versionFlag(root)
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
			return usagef("--output is text, json or yaml, not %q", a.output).with("irctl help output")
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

// versionFlag makes irctl --version the same as irctl version.
func (a *app) versionFlag(root *cobra.Command) {
	asked := root.Flags().Bool("version", false, "show the version of irctl")
	other := root.RunE
	root.RunE = func(cmd *cobra.Command, args []string) error {
		if *asked && len(args) == 0 {
			return a.version()
		}
		return other(cmd, args)
	}
}

// Main runs one command in a world and returns the exit status.
func Main(w outside.World) int {
	w.Now = drive.Steady(w.Now, time.Time{})
	a := &app{World: w.Settle()}
	defer a.children.Close()
	defer a.discard()
	err := newRoot(a).Execute()
	if err == nil {
		return int(ExitDone)
	}
	var e ended
	if !errors.As(err, &e) && !a.unread(err) {
		a.complain(err)
	}
	return int(exitOf(err))
}

// unread reports whether an error is only that nobody reads standard output any
// more, as in `irctl list | head -1`.
func (a *app) unread(err error) bool {
	var at *fs.PathError
	out, ok := a.Stdout.(*os.File)
	return ok && errors.Is(err, syscall.EPIPE) && errors.As(err, &at) && at.Path == out.Name()
}

// argsOf demands as many arguments as a usage line names.
func argsOf(use string) cobra.PositionalArgs {
	min, max := 0, 0
	for _, word := range strings.Fields(use)[1:] {
		if strings.HasPrefix(word, "--") {
			continue
		}
		if max++; !strings.HasPrefix(word, "[") {
			min++
		}
		if strings.Contains(word, "...") {
			return nargs(min, -1)
		}
	}
	return nargs(min, max)
}

// nargs demands between min and max arguments; max below 0 is any number.
func nargs(min, max int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < min:
			return lacking(cmd, args).with(seeHelp(cmd))
		case max >= 0 && len(args) > max:
			return usagef("%q is one argument too many", args[max]).with(seeHelp(cmd))
		}
		return nil
	}
}

// lacking says which argument is missing and where to look it up.
func lacking(cmd *cobra.Command, args []string) *problem {
	word := strings.Trim(strings.Fields(cmd.Use)[1:][len(args)], "[].")
	p := usagef("%s is missing", word)
	switch {
	case word == "RUN":
		p.add(projection.Command("list"))
	case word == "STEP" && len(args) > 0:
		p.add(projection.Command("status", args[0]))
	}
	return p
}

func seeHelp(cmd *cobra.Command) string { return cmd.CommandPath() + " --help" }

// unknownCommand says that a word is no command and which one may be meant. It
// leads to the manual of that one: it may be a command that changes something.
func unknownCommand(cmd *cobra.Command, word string) error {
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	near := suggest.Near(word, names)
	if other := otherWords[strings.ToLower(word)]; other != "" && !cmd.HasParent() {
		near = other
	}
	p := usagef("%s", suggest.Instead(fmt.Sprintf("%q is not a command of %s", word, cmd.CommandPath()), near))
	if near != "" {
		return p.with(cmd.CommandPath() + " " + near + " --help")
	}
	return p.with(seeHelp(cmd))
}

// flagError gives a mistake in the flags the status of wrong usage and, for a
// flag that does not exist, the name of one that does.
func flagError(cmd *cobra.Command, err error) error {
	if cmd.HasSubCommands() && cmd.Flags().NArg() > 0 { // the flags are those of the command that was meant
		return unknownCommand(cmd, cmd.Flags().Arg(0))
	}
	p := usagef("%s", err.Error())
	if near := nearestFlag(cmd, err); near != "" {
		p.what = suggest.Instead(p.what, "--"+near)
	}
	return p.with(seeHelp(cmd))
}
