package cli

import "github.com/spf13/cobra"

// commands lists every command, in the order of their use.
func (a *app) commands() []*cobra.Command {
	all := []*cobra.Command{newRunCmd(a, nil), newResumeCmd(a, nil), newStatusCmd(a, nil)}
	all = append(all, newVerbCmds(a, nil)...)
	return append(all,
		newValidateCmd(a, nil), newFmtCmd(a, nil), newPlanCmd(a, nil), newTestCmd(a, nil), newDoctorCmd(a, nil),

		newListCmd(a), newAuditCmd(a),

		newSchemaCmd(a, nil),
		newCompletionCmd(a, nil), newVersionCmd(a),
	)
}
