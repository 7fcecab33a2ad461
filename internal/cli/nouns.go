package cli

import "github.com/spf13/cobra"

// nouns are the commands that only hold others, as in irctl NOUN VERB.
func (a *app) nouns() []*cobra.Command {
	return []*cobra.Command{
		a.noun("audit", "Show and verify what a run wrote down", newAuditShowCmd(a, a.showAudit), newAuditVerifyCmd(a, a.verify)),
		a.noun("runbook", "List, show and write runbooks", newRunbookShowCmd(a, a.showRunbook), newRunbookGraphCmd(a, a.graph), newRunbookNewCmd(a, a.writeNew), newRunbookExportCmd(a, a.exportRunbook), newRunbookImportCmd(a, a.importPlaybook)),
		a.noun("action", "List actions and show their manuals", newActionShowCmd(a, a.showAction)),
		a.noun("target", "List, describe and check the systems to act on", newTargetTypesCmd(a, a.showTypes), newTargetCheckCmd(a, a.checkTargets)),
		a.noun("environment", "List, show, check and write environments", newEnvironmentNewCmd(a, a.writeNew), newEnvironmentShowCmd(a, a.showEnvironment), newEnvironmentCheckCmd(a, a.checkEnvironment)),
		a.noun("config", "Your own defaults: list, get, set, edit", newConfigCmds(a)...),
		a.noun("lab", "An embedded company to practise on", append(newLabCmds(a), newLabProbeCmd(a, a.probe))...),
	}
}

// noun makes a command that holds others: the listing of its name, if there
// is one, and children.
func (a *app) noun(name, short string, children ...*cobra.Command) *cobra.Command {
	group := groupSetup
	if name == "audit" {
		group = groupAfter
	}
	cmd := a.parent(spec{use: name, group: group, short: short}, children...)
	for _, l := range listings {
		if l.of == name {
			cmd.AddCommand(newListingCmd(a, l))
		}
	}
	return cmd
}
