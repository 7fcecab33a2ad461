package cli

import "github.com/spf13/cobra"

// commands lists every command, in the order of their use.
func (a *app) commands() []*cobra.Command {
	all := []*cobra.Command{newRunCmd(a, a.run), newResumeCmd(a, a.resume), newStatusCmd(a, a.showStatus), newLogsCmd(a, a.logs)}
	all = append(all, newVerbCmds(a, a.submit)...)
	return append(all,
		newValidateCmd(a, a.validate), newFmtCmd(a, a.format), newPlanCmd(a, a.plan), newTestCmd(a, a.test), newDoctorCmd(a, a.doctor), newReadyCmd(a, a.ready),

		newListCmd(a, a.listRuns), newRecheckCmd(a, a.recheck), newIncidentCmd(a, a.incident), newHaltCmd(a, a.halt),
		newArchiveCmd(a, a.archive), newPruneCmd(a, a.prune), newExportCmd(a, a.export), newImportCmd(a, a.importRun),

		newSchemaCmd(a, a.schema), newTutorialCmd(a, a.tutorial),
		newCompletionCmd(a, a.completion), newVersionCmd(a, a.version),
	)
}
