package cli

import "github.com/spf13/cobra"

// commands lists every command, in the order of their use.
func (a *app) commands() []*cobra.Command {
	all := []*cobra.Command{newRunCmd(a, nil), newResumeCmd(a, nil), newStatusCmd(a, nil)}
	all = append(all, newVerbCmds(a, nil)...)
	return append(all,
		newValidateCmd(a, nil), newFmtCmd(a), newPlanCmd(a, nil), newTestCmd(a, nil), newDoctorCmd(a),

		newListCmd(a), newAuditCmd(a),

		newRunbookCmd(a), newActionCmd(a), newTargetCmd(a), newEnvironmentCmd(a), newLabCmd(a),
		newSchemaCmd(a),
		newCompletionCmd(a), newVersionCmd(a),
	)
}
