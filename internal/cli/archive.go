package cli

import (
	"cmp"
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/desk"
	"github.com/irctl/irctl/internal/projection"
)

// newArchiveCmds makes the commands that move runs that are over.
func newArchiveCmds(a *app) []*cobra.Command {
	return []*cobra.Command{
		newArchiveCmd(a, a.archive), newPruneCmd(a.prune),
		command.New("export RUN FILE", "Write a run into a file, for another machine", a.export, a.completeRuns),
		command.New("import FILE", "Make a run of this home of a file", a.importRun, nil, command.ExitAltered),
	}
}

// archiveOptions is what archive was asked for: a run, or an age.
type archiveOptions struct{ run, older string }

func newArchiveCmd(a *app, run func(w archiveOptions) error) *cobra.Command {
	var w archiveOptions
	cmd := command.New("archive [RUN]", "Put runs that have ended into one file each", func(_ context.Context, args []string) error {
		w.run = command.First(args)
		if (w.run == "") == (w.older == "") {
			return command.Usagef("name a run, or say --older 90d")
		}
		return run(w)
	}, a.completeRuns, command.ExitAltered)
	cmd.Flags().StringVar(&w.older, "older", "", "all runs that ended this `time` ago or earlier, such as 90d")
	return cmd
}

func (a *app) archive(w archiveOptions) error {
	ids, bad, err := a.archivable(w)
	if err != nil {
		return err
	}
	among, err := a.desk().Reliances()
	if err != nil {
		return err
	}
	err = a.each(ids, "archived", func(id string) (string, error) {
		file, err := a.desk().Archive(id, among)
		return " in " + file, err
	}, projection.Command("prune", "--archived"))
	return cmp.Or(err, bad)
}

// archivable are the runs that are asked for. Of runs that cannot be read nobody
// knows: that is bad.
func (a *app) archivable(w archiveOptions) (ids []string, bad, err error) {
	if w.run != "" {
		id, err := a.desk().Store.Find(w.run)
		return []string{id}, nil, err
	}
	until, err := a.ago("older", w.older)
	if err != nil {
		return nil, nil, err
	}
	ids, unread, err := a.desk().Older(until)
	return ids, a.warnOf(unread), err
}

// each does something to runs and says where they are. One that stays where it
// is fails alone: if others were asked for, it is a warning.
func (a *app) each(ids []string, word string, do func(id string) (string, error), next ...string) error {
	done := []string{}
	for _, id := range ids {
		where, err := do(id)
		var kept *desk.KeptError
		if err != nil && (len(ids) == 1 || !errors.As(err, &kept)) {
			return err
		}
		if err != nil {
			_ = a.print().Warning(err.Error())
			continue
		}
		done = append(done, id)
		if !a.json() {
			_ = a.print().Say(word + " " + id + where)
		}
	}
	if a.json() {
		return a.print().JSON(map[string]any{word: done})
	}
	if len(done) == 0 {
		return a.print().Say("No run was " + word + ".")
	}
	return a.print().Next(next...)
}

func newPruneCmd(run func() error) *cobra.Command {
	var archived bool
	cmd := command.New("prune --archived", "Delete the folders of runs that are archived", func(context.Context, []string) error {
		if !archived {
			return command.Usagef("--archived is missing: only what is archived is deleted")
		}
		return run()
	}, nil, command.ExitAltered)
	cmd.Flags().BoolVar(&archived, "archived", false, "delete what is archived and verifies")
	return cmd
}

func (a *app) prune() error {
	ids, err := a.desk().Prunable()
	if err != nil {
		return err
	}
	among, err := a.desk().Reliances()
	if err != nil {
		return err
	}
	return a.each(ids, "pruned", func(id string) (string, error) { return "", a.desk().Prune(id, among) })
}

func (a *app) export(_ context.Context, args []string) error {
	file := args[1]
	id, err := a.desk().Store.Find(args[0])
	if err != nil {
		return err
	}
	return a.each([]string{id}, "exported", func(id string) (string, error) { return " to " + file, a.desk().Export(id, a.abs(file)) })
}

func (a *app) importRun(_ context.Context, args []string) error {
	id, err := a.desk().Import(a.abs(args[0]))
	if err != nil {
		return err
	}
	return a.each([]string{id}, "imported", func(string) (string, error) { return "", nil }, projection.Command("status", id),
		projection.Command("resume", id, "--take-over", "--reason", ""))
}
