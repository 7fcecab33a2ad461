package cli

import "github.com/spf13/cobra"

// commands lists every command, in the order of their use.
func (a *app) commands() []*cobra.Command {
	return []*cobra.Command{
		newRunCmd(a, nil), newResumeCmd(a, nil), newStatusCmd(a, nil),
		newApproveCmd(a, nil), newRejectCmd(a, nil), newDoneCmd(a, nil), newSkipCmd(a, nil), newRetryCmd(a, nil),
		newResolveCmd(a, nil), newPauseCmd(a, nil), newCancelCmd(a, nil), newRollbackCmd(a, nil), newNoteCmd(a, nil),

		newValidateCmd(a, nil), newFmtCmd(a), newPlanCmd(a, nil), newTestCmd(a, nil), newDoctorCmd(a),

		newListCmd(a), newAuditCmd(a),

		newRunbookCmd(a), newActionCmd(a), newTargetCmd(a), newEnvironmentCmd(a), newLabCmd(a),
		newSchemaCmd(a),
		newCompletionCmd(a), newVersionCmd(a),
	}
}
