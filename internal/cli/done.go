package cli

import (
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/view"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

func newDoneCmd(a *app, run verbRunner) *cobra.Command {
	var say saying
	var w done
	var set, evidence []string
	cmd := a.verb(spec{
		use:   "done RUN STEP",
		short: "Say that a manual step is done",
		long: `Say that you did what a step asks, with the answers and the files that it wants.
A step that a person took over from the machine is done in the same way.`,
		example: `
  irctl done 01JZ call-bank --set reference=B-1234
  irctl done 01JZ call-bank --set reference=B-1234 --evidence letter=bank.pdf`,
		args: nargs(2, 2),
	}, true, &say, run, func(args []string) (speaker, error) {
		w.step = args[1]
		var err error
		if w.set, err = pairs("set", set); err != nil {
			return w, err
		}
		files, err := pairs("evidence", evidence)
		if err != nil {
			return w, err
		}
		w.evidence, err = a.deposit(say.run, files)
		return w, err
	})
	identity(cmd, &w.as, nil)
	cmd.Flags().StringArrayVar(&set, "set", nil, "an answer, as `NAME=VALUE`")
	cmd.Flags().StringArrayVar(&evidence, "evidence", nil, "a file to keep with the run, as `NAME=FILE`")
	return cmd
}

// deposit keeps files beside the journal of a run, before the fact that refers
// to them is said.
func (a *app) deposit(prefix string, files map[string]string) ([]event.Artifact, error) {
	var out []event.Artifact
	for name, path := range files {
		f, err := os.Open(a.abs(path))
		if err != nil {
			p := &problem{exit: ExitInvalid, what: "cannot read " + path, cause: library.Reason(err)}
			return nil, p.meaning("Nothing was recorded.")
		}
		id, err := a.store().Find(prefix)
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		kept, err := a.store().Deposit(id, f, action.Clean)
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, err
		}
		out = append(out, event.Artifact{Name: name, Digest: kept.Digest, Size: kept.Size, Head: action.CleanLine(kept.Head, 200)})
	}
	return out, nil
}

// answerOf is the word that a person gave on the live screen.
func (a *app) answerOf(id string, given view.Answer) (speaker, error) {
	switch given.For {
	case projection.ForApproval:
		return answer{step: given.Path, as: given.Person, comment: given.Comment, yes: given.Yes}, nil
	case projection.ForManual:
		files, err := a.deposit(id, given.Evidence)
		return done{step: given.Path, as: given.Person, set: given.Values, evidence: files}, err
	case projection.ForDecision:
		if given.Yes {
			return retry{step: given.Path, reason: given.Comment}, nil
		}
		return skip{step: given.Path, reason: given.Comment}, nil
	}
	return nil, errors.New("this cannot be answered here")
}
