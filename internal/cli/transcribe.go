package cli

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/desk"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/request"
	"github.com/irctl/irctl/pkg/action"
)

// transcribeOptions is what was done on paper, and what becomes of it.
type transcribeOptions struct {
	run, file, as string
	resume        bool // drive the run on to the step of the next line
}

func newTranscribeCmd(a *app, run func(context.Context, transcribeOptions) error) *cobra.Command {
	var o transcribeOptions
	cmd := command.New("transcribe RUN FILE", "Key in what was done on paper", func(ctx context.Context, args []string) error {
		o.run, o.file = args[0], args[1]
		return run(ctx, o)
	}, a.completeRuns, command.ExitInvalid, command.ExitWaiting, command.ExitAltered, command.ExitLocked)
	identity(cmd, &o.as, nil)
	a.completes(cmd, "as", a.completePeople)
	cmd.Flags().BoolVar(&o.resume, "resume", false, "drive the run on after each line that ends a step, to the step of the next line")
	return cmd
}

// transcribe records line by line. What cannot be recorded yet, because its step
// has not begun, is said at the end; a line that is in the journal is passed over.
func (a *app) transcribe(ctx context.Context, o transcribeOptions) error {
	lines, err := a.paperLines(o.file)
	if err != nil {
		return err
	}
	id, already, err := a.desk().RecordedLate(o.run)
	if err != nil {
		return err
	}
	var waiting, refused []string
	known := 0
	for _, l := range lines {
		if slices.ContainsFunc(already, l.Same) {
			known++
			continue
		}
		l.As = o.as
		var unbegun *request.StepError
		var idle *request.NotWaitingError
		var ended *request.EndedError
		var left command.Ended
		record := func() error {
			return a.submit(ctx, verbOptions{run: id, resume: o.resume && l.Result != request.ResultNote, yes: true}, l.Transcribed)
		}
		err := record()
		if o.resume && (errors.As(err, &unbegun) && unbegun.Unbegun != "" || errors.As(err, &idle)) {
			if err = a.resume(ctx, resumeOptions{run: id}); err == nil || errors.As(err, &left) {
				err = record()
			}
		}
		switch {
		case errors.As(err, &unbegun) && unbegun.Unbegun != "", errors.As(err, &idle):
			waiting = append(waiting, fmt.Sprintf("line %d: %v", l.number, err))
		case errors.As(err, &unbegun), errors.As(err, &ended):
			refused = append(refused, fmt.Sprintf("line %d: %v", l.number, err))
		case errors.As(err, &left) && left.Exit == command.ExitWaiting:
			// it was recorded, and driven on to where people are needed
		case err != nil:
			return err
		}
	}
	if known > 0 {
		a.note(fmt.Sprintf("%d lines of %s are recorded already.", known, o.file))
	}
	again := projection.Command("transcribe", id, o.file)
	switch {
	case len(refused) > 0:
		p := &command.Problem{Exit: command.ExitFailed, What: strings.Join(append(refused, waiting...), "\n"), Means: "All other lines are recorded."}
		return p.With(projection.Command("note", id, "", "--step", ""))
	case len(waiting) > 0:
		p := &command.Problem{Exit: command.ExitWaiting, What: strings.Join(waiting, "\n"), Means: "All other lines are recorded. These wait until the run has come to their steps; typed again, the command passes over what is recorded."}
		return p.With(projection.Command("resume", id), again, again+" --resume")
	}
	return nil
}

// paperLine is a line of the file.
type paperLine struct {
	request.Transcribed
	number int
}

// paperLines reads CSV with the columns step, at, by, result and note; any other
// column is an answer of that name.
func (a *app) paperLines(file string) ([]paperLine, error) {
	f, err := os.Open(a.abs(file))
	if err != nil {
		return nil, &desk.UnreadableError{What: "cannot read " + file, Means: "Nothing was recorded.", Err: err}
	}
	defer func() { _ = f.Close() }()
	r := csv.NewReader(f)
	r.Comment = '#'
	names, err := r.Read()
	var wrong []string
	for i, name := range names {
		names[i] = strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))
	}
	for _, name := range []string{"step", "at", "by", "result"} {
		if err == nil && !slices.Contains(names, name) {
			wrong = append(wrong, "line 1: there is no column "+name)
		}
	}
	var out []paperLine
	for fits := len(wrong) == 0; err == nil && fits; {
		var row []string
		if row, err = r.Read(); err != nil {
			break
		}
		l := paperLine{}
		l.number, _ = r.FieldPos(0)
		l.Set = map[string]string{}
		for i, v := range row {
			v = strings.TrimSpace(v)
			switch names[i] {
			case "step":
				l.Step = v
			case "at":
				l.Late.At, err = a.moment(v)
			case "by":
				l.Late.By = action.CleanLine(v, 100)
			case "result":
				l.Result = request.Result(strings.ToLower(cmp.Or(v, string(request.ResultDone))))
			case "note":
				l.Note = action.CleanLine(v, 500)
			default:
				if v != "" {
					l.Set[names[i]] = v
				}
			}
		}
		if why := l.wrong(err); why != "" {
			wrong = append(wrong, fmt.Sprintf("line %d: %s", l.number, why))
		}
		out, err = append(out, l), nil
	}
	if broken := (*csv.ParseError)(nil); errors.As(err, &broken) {
		wrong = append(wrong, fmt.Sprintf("line %d: %v", broken.Line, broken.Err))
	}
	if len(out) == 0 && len(wrong) == 0 {
		wrong = append(wrong, "it has no lines")
	}
	if len(wrong) > 0 {
		p := &command.Problem{Exit: command.ExitInvalid, What: file + ":\n" + strings.Join(wrong, "\n"), Means: "Nothing was recorded."}
		return nil, p.With("irctl transcribe --help")
	}
	return out, nil
}

// wrong says what is wrong with a line, "" if nothing is.
func (l paperLine) wrong(at error) string {
	switch {
	case at != nil:
		return at.Error()
	case l.Late.By == "":
		return "by is empty: who did it?"
	case !slices.Contains([]request.Result{request.ResultDone, request.ResultSkipped, request.ResultNote}, l.Result):
		return fmt.Sprintf("result is done, skipped or note, not %q", action.CleanLine(string(l.Result), 40))
	case l.Step == "" && l.Result != request.ResultNote:
		return "step is empty"
	case l.Note == "" && l.Result != request.ResultDone:
		return "note is empty: why was it skipped, or what is there to say?"
	case len(l.Set) > 0 && l.Result != request.ResultDone:
		return "answers are of steps that are done"
	}
	return ""
}

// moment reads a time as people write it down, in UTC if it names no zone.
func (a *app) moment(text string) (time.Time, error) {
	for _, form := range []string{time.RFC3339, "2006-01-02 15:04", "2006-01-02 15:04:05"} {
		if t, err := time.Parse(form, text); err == nil {
			if t.After(a.Now()) {
				return t, fmt.Errorf("%s is in the future; times are in UTC", text)
			}
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("at is a time such as 2026-03-01 06:00 (UTC) or 2026-03-01T06:00:00Z, not %q", action.CleanLine(text, 40))
}
