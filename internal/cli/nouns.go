package cli

import "github.com/spf13/cobra"

// nouns are the commands that only hold others, as in irctl NOUN VERB.
func (a *app) nouns() []*cobra.Command {
	return []*cobra.Command{
		a.noun(spec{
			use:   "audit",
			group: groupAfter,
			short: "Show and verify what a run wrote down",
			long: `Show what happened in a run, and prove that its journal is what irctl wrote.
irctl help journal explains how.`,
			example: `
  irctl audit show
  irctl audit verify 01JZ`,
		}, newAuditShowCmd(a, a.showAudit), newAuditVerifyCmd(a, a.verify)),
		a.noun(spec{
			use:   "runbook",
			short: "List, show and write runbooks",
			example: `
  irctl runbook list
  irctl runbook show containment`,
		}, newRunbookShowCmd(a, a.showRunbook), newRunbookGraphCmd(a, a.graph), newRunbookNewCmd(a, a.writeNew), newRunbookExportCmd(a, a.exportRunbook), newRunbookImportCmd(a, a.importPlaybook)),
		a.noun(spec{
			use:   "action",
			short: "List actions and show their manuals",
			example: `
  irctl action list
  irctl action show email.suspend`,
		}, newActionShowCmd(a, a.showAction)),
		a.noun(spec{
			use:   "target",
			short: "List, describe and check the systems to act on",
			example: `
  irctl target types
  irctl target list --env lab
  irctl target check --env lab`,
		}, newTargetTypesCmd(a, a.showTypes), newTargetCheckCmd(a, a.checkTargets)),
		a.noun(spec{
			use:   "environment",
			short: "List, show, check and write environments",
			long: `An environment binds the names in runbooks to real systems, people and secrets.
irctl help environments explains the file.`,
			example: `
  irctl environment new acme
  irctl environment check acme`,
		}, newEnvironmentNewCmd(a, a.writeNew), newEnvironmentShowCmd(a, a.showEnvironment), newEnvironmentCheckCmd(a, a.checkEnvironment)),
		a.noun(spec{
			use:   "lab",
			short: "An embedded company to practise on",
			long: `The lab is a small company on this machine's loopback: a customer portal, a mail
server, a staff directory, a case folder and a mailbox outside the company. Each
IRCTL_HOME has its own. Use it with --env lab.`,
			example: `
  irctl lab up
  irctl run containment --env lab --input incident=INC-1`,
		}, append(newLabCmds(a), newLabProbeCmd(a, a.probe))...),
	}
}

// noun makes a command that holds others: the listing of its name, if there
// is one, and children.
func (a *app) noun(s spec, children ...*cobra.Command) *cobra.Command {
	if s.group == "" {
		s.group = groupSetup
	}
	cmd := a.parent(s, children...)
	for _, l := range listings {
		if l.of == s.use {
			cmd.AddCommand(newListingCmd(a, l))
		}
	}
	return cmd
}
