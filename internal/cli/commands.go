package cli

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
)

// commands lists every command but help.
func (a *app) commands() []*cobra.Command {
	return slices.Concat(
		grouped(groupRun, append(offline(a, newVerbCmds(a, a.submit)),
			newRunCmd(a, a.run), newResumeCmd(a, a.resume), newStatusCmd(a, a.showStatus), newLogsCmd(a, a.logs),
			newListCmd(a, a.listRuns), newRecheckCmd(a, a.recheck), newTranscribeCmd(a, a.transcribe), newRecordShellCmd(a, a.recordShell), newIncidentCmd(a.incident), newClockCmd(a), newServeCmd(a, a.serve), newHaltCmd(a.halt))...),
		grouped(groupBefore,
			newValidateCmd(a, a.validate), newFmtCmd(a.format), newPlanCmd(a, a.plan), newTestCmd(a, a.test), newExerciseCmd(a, a.play), newNoticeCmd(a),
			newDoctorCmd(a), newReadyCmd(a), newReadinessCmd(a)),
		grouped(groupAfter, append(newArchiveCmds(a), newAuditCmd(a), newEvidenceCmd(a), newReportCmd(a, a.writeReport))...),
		grouped(groupSetup,
			newSchemaCmd(a.schema), newTutorialCmd(a), newCompletionCmd(a), newVersionCmd(a),
			newRunbookCmd(a), newActionCmd(a), newConnectorCmd(a), newPluginCmd(a), newTargetCmd(a), newEnvironmentCmd(a), newConfigCmd(a), newKeyCmd(a), newLabCmd(a)),
	)
}

func grouped(group string, cmds ...*cobra.Command) []*cobra.Command {
	for _, cmd := range cmds {
		cmd.GroupID = group
	}
	return cmds
}

// untilTold is work that ends when the process is told to stop.
func (a *app) untilTold(run command.Work) command.Work {
	return func(ctx context.Context, args []string) error {
		ctx, stop := a.UntilSignal(ctx)
		defer stop()
		err := run(ctx, args)
		if ctx.Err() != nil {
			return command.End(command.ExitInterrupted)
		}
		return err
	}
}
