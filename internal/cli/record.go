package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/durable"
	"github.com/irctl/irctl/internal/recording"
	"github.com/irctl/irctl/internal/request"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// recordedShell is what is to be recorded.
type recordedShell struct {
	run      string   // "" is the newest
	argv     []string // none is the person's shell
	step, as string
	collect  bool // only what was left
}

func newRecordShellCmd(a *app, run func(context.Context, recordedShell) error) *cobra.Command {
	var o recordedShell
	var cmd *cobra.Command
	cmd = command.New("record [RUN] [-- COMMAND...]", "Keep what is done by hand in a shell as evidence of a run", func(ctx context.Context, args []string) error {
		before := len(args)
		if dash := cmd.ArgsLenAtDash(); dash >= 0 {
			before = dash
		}
		if before > 1 {
			return command.Usagef("%q is one argument too many: a command stands behind --", args[1]).With(command.SeeHelp(cmd))
		}
		o.run, o.argv = command.First(args[:before]), args[before:]
		return run(ctx, o)
	}, a.completeRuns, command.ExitAltered, command.ExitLocked)
	cmd.Args = cobra.ArbitraryArgs
	identity(cmd, &o.as, nil)
	cmd.Flags().StringVar(&o.step, "step", "", "it is about this `step`")
	cmd.Flags().BoolVar(&o.collect, "collect", false, "record nothing: only keep what was left by a recording that was cut off")
	a.completes(cmd, "as", a.completePeople)
	a.completes(cmd, "step", a.completeStepFlag)
	return cmd
}

// recordShell runs a shell, and keeps what it showed with the run. What an earlier
// recording left, whose irctl was killed, is kept first.
func (a *app) recordShell(ctx context.Context, o recordedShell) error {
	r, err := a.desk().Read(o.run)
	if err != nil {
		return err
	}
	id, folder := r.ID(), filepath.Join(a.abs(a.home), "recordings")
	left, err := recording.Left(folder, id)
	for _, file := range left {
		err = errors.Join(err, a.keepRecording(ctx, id, file, o))
	}
	if err != nil || o.collect {
		return err
	}
	known, unread, err := a.desk().Redactor(ctx, id)
	if err != nil {
		return err
	}
	if unread != nil {
		_ = a.print().Warning("These secrets are not known, so they would stand in the recording if they were shown: " + unread.Error())
	}
	if len(o.argv) == 0 {
		o.argv = []string{cmp.Or(a.Getenv("SHELL"), "/bin/sh")}
	}
	f, release, err := recording.Create(folder, id, a.Now())
	if err != nil {
		return err
	}
	begins := "A shell is recorded from now on as " + filepath.Base(f.Name()) + ": " + action.CleanLine(known.Text(strings.Join(o.argv, " ")), 200)
	if _, err := a.desk().Submit(ctx, id, request.Note{Step: o.step, Text: begins}, false); err != nil {
		release()
		return errors.Join(err, os.Remove(f.Name()))
	}
	a.note("What is shown here is recorded for run " + id + ", and so is what you type where it is shown. Known secrets are masked. It ends with the shell.")
	status, err := recording.Record(ctx, recording.Options{Argv: o.argv, Dir: a.Dir, In: a.Stdin, Out: a.Stdout, File: f, Mask: known.Text, Now: a.Now})
	release()
	if err = errors.Join(err, a.keepRecording(ctx, id, f.Name(), o)); err != nil {
		return err
	}
	if status != 0 {
		a.note(fmt.Sprintf("The shell ended with status %d.", status))
	}
	return nil
}

// keepRecording makes a recording evidence, and takes it from where it was written.
func (a *app) keepRecording(ctx context.Context, id, file string, o recordedShell) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	whole, err := recording.Whole(f)
	_ = f.Close()
	if err != nil {
		return err
	}
	given := request.GivenEvidence{Step: o.step, As: o.as, EvidenceAdded: event.EvidenceAdded{Method: "recorded by irctl record, asciicast version 2", Note: "whole"}}
	if !whole {
		given.Note = "CUT OFF: irctl ended before the shell did; what was shown until then is here, but for the last second"
		_ = a.print().Warning(filepath.Base(file) + " was cut off; what was recorded until then is kept.")
	}
	added, err := a.desk().AddEvidence(ctx, id, []string{file}, given)
	for _, item := range added {
		a.note(fmt.Sprintf("Item %s: %s, %d bytes, SHA-256 %s", item.ID, item.Name, item.Size, item.Digest))
	}
	if err != nil {
		return err
	}
	return durable.Remove(file)
}
