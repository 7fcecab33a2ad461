package cli

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/outside"
)

func newConfigCmd(a *app) *cobra.Command {
	return command.Parent("config", "Your own defaults: list, get, set, edit",
		command.New("list", "List the settings, and what each is", a.listSettings, nil),
		command.New("get NAME", "Print what a setting is", a.getSetting, completeSettings),
		command.New("set NAME VALUE", `Keep a setting; "" takes it out`, a.setSetting, completeSettings),
		command.New("edit", "Open the file with your editor", a.editSettings, nil),
	)
}

func completeSettings(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return each.Of(outside.Settings, func(s outside.Setting) string { return s.Name + "\t" + s.Means }), noFiles
	}
	for _, s := range outside.Settings {
		if len(args) == 1 && args[0] == s.Name {
			return s.Values, noFiles
		}
	}
	return nil, noFiles
}

func (a *app) listSettings(context.Context, []string) error {
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

func (a *app) getSetting(_ context.Context, args []string) error {
	for _, s := range outside.Settings {
		if s.Name == args[0] {
			return a.print().Document(a.Getenv(s.Variable))
		}
	}
	return &outside.SettingError{Name: args[0]}
}

func (a *app) setSetting(_ context.Context, args []string) error {
	name, value := args[0], args[1]
	switch {
	case name == "home" && value != "":
		value = a.abs(value)
	case name == "key" && value != "":
		value = a.keyName(value)
	}
	return a.Set(name, value)
}

func (a *app) editSettings(context.Context, []string) error {
	words := strings.Fields(a.Getenv("EDITOR"))
	if len(words) == 0 {
		return command.Usagef("no editor is set").With("irctl config set editor vi")
	}
	cmd := exec.Command(words[0], append(words[1:], a.SettingsFile())...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = a.Stdin, a.Stdout, a.Stderr
	if err := cmd.Run(); err != nil {
		return command.Failf(err, "%s ended with an error", words[0])
	}
	_, err := os.Stat(a.SettingsFile())
	if err == nil {
		_, err = a.ReadSettings()
	}
	return err
}
