package cli

import (
	"errors"
	"os"
	"os/exec"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/outside"
)

// newConfigCmds makes the commands about the file of a person's defaults.
func newConfigCmds(a *app) []*cobra.Command {
	complete := func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		for _, s := range outside.Settings {
			if len(args) == 1 && args[0] == s.Name {
				return s.Values, noFiles
			}
		}
		if len(args) > 0 {
			return nil, noFiles
		}
		return named(outside.Settings, func(s outside.Setting) string { return s.Name + "\t" + s.Means }), noFiles
	}
	cmds := []*cobra.Command{
		a.command(spec{use: "list", short: "List the settings, and what each is", run: func(*cobra.Command, []string) error { return a.listSettings() }}),
		a.command(spec{use: "get NAME", short: "Print what a setting is",
			run: func(_ *cobra.Command, args []string) error { return a.getSetting(args[0]) }}),
		a.command(spec{use: "set NAME VALUE", short: `Keep a setting; "" takes it out`,
			run: func(_ *cobra.Command, args []string) error { return a.setSetting(args[0], args[1]) }}),
		a.command(spec{use: "edit", short: "Open the file with your editor", run: func(*cobra.Command, []string) error { return a.editSettings() }}),
	}
	for _, cmd := range cmds[1:3] {
		cmd.ValidArgsFunction = complete
	}
	return cmds
}

func (a *app) listSettings() error {
	set, bad := a.ReadSettings()
	if a.json() {
		return errors.Join(a.print().JSON(set), bad)
	}
	rows := each.Of(outside.Settings, func(s outside.Setting) []string { return []string{s.Name, s.Variable, a.Getenv(s.Variable)} })
	if err := a.print().Table([]string{"setting", "or in", "is"}, rows); err != nil {
		return err
	}
	_ = a.print().Note("They lie in " + a.SettingsFile() + "; a variable or a flag goes before them.")
	return bad
}

func (a *app) getSetting(name string) error {
	for _, s := range outside.Settings {
		if s.Name == name {
			return a.print().Document(a.Getenv(s.Variable))
		}
	}
	return unknownSetting(&outside.SettingError{Name: name})
}

func (a *app) setSetting(name, value string) error {
	if name == "home" && value != "" {
		value = a.abs(value)
	}
	err := a.Set(name, value)
	var setting *outside.SettingError
	switch {
	case errors.As(err, &setting):
		return unknownSetting(setting)
	case err != nil:
		return failf(err, "cannot write %s", a.SettingsFile())
	}
	return nil
}

func unknownSetting(e *outside.SettingError) error {
	known := named(outside.Settings, func(s outside.Setting) string { return s.Name })
	return usagef("%s", e).meant("irctl config get", e.Name, known, "irctl config list")
}

func (a *app) editSettings() error {
	words := strings.Fields(a.Getenv("EDITOR"))
	if len(words) == 0 {
		return usagef("no editor is set").with("irctl config set editor vi")
	}
	cmd := exec.Command(words[0], append(words[1:], a.SettingsFile())...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = a.Stdin, a.Stdout, a.Stderr
	if err := cmd.Run(); err != nil {
		return failf(err, "%s ended with an error", words[0])
	}
	_, err := os.Stat(a.SettingsFile())
	if err == nil {
		_, err = a.ReadSettings()
	}
	return err
}
