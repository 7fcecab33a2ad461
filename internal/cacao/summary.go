package cacao

import (
	"slices"

	"github.com/irctl/irctl/pkg/runbook"
)

// kindFlags are the flags that say which types of steps there are.
var kindFlags = map[StepKind]string{
	KindPlaybook: "external_playbooks", KindParallel: "parallel_processing", KindIf: "if_logic", KindWhile: "while_logic", KindSwitch: "switch_logic",
}

// Features works out what the processing summary of a playbook has to say:
// every flag with its true value.
func Features(pb *Playbook) map[string]bool {
	f := map[string]bool{
		"data_markings":      len(pb.Markings) > 0 || len(pb.MarkingDefs) > 0,
		"digital_signatures": len(pb.Signatures) > 0,
		"extensions":         len(pb.ExtensionDefs) > 0 || pb.Extensions != nil,
	}
	commands, manual := 0, 0
	for _, s := range pb.Steps {
		if flag := kindFlags[s.Kind]; flag != "" {
			f[flag] = true
		}
		if s.Delay != nil || s.Timeout != nil {
			f["temporal_logic"] = true
		}
		if s.Extensions != nil {
			f["extensions"] = true
		}
		for _, c := range s.Commands {
			commands++
			if c.Type.Value == "manual" {
				manual++
			}
		}
	}
	f["manual_playbook"] = commands > 0 && manual == commands
	for _, sig := range pb.Signatures {
		f["countersigned_signatures"] = f["countersigned_signatures"] || sig.Get("signature") != nil
	}
	return f
}

var SummaryDiffers = codes.Error("IR0717", "processing summary that is not true",
	"`playbook_processing_summary` is what people and programs read before they trust a playbook. It must say what the workflow really holds.")

// summaryIsTrue compares the summary with the playbook. A flag that is absent
// is false. manual_playbook says that people do all or part of it, so that
// false is wrong only if they do all of it, and true only if they do nothing.
func (c *checker) summaryIsTrue() {
	said := of(c.pb.Tree, "playbook_processing_summary", runbook.MapValue)
	if said == nil {
		return
	}
	truth := Features(c.pb)
	anyManual := slices.ContainsFunc(c.pb.Steps, func(s *Step) bool {
		return slices.ContainsFunc(s.Commands, func(cmd *Command) bool { return cmd.Type.Value == "manual" })
	})
	for _, name := range SummaryFlags {
		at, want := opening(said.Span), truth[name]
		for _, p := range said.Pairs {
			if p.Key.Value == name {
				at = p.Key.Span
			}
		}
		switch says := yes(said, name); {
		case says && !want && (name != "manual_playbook" || !anyManual):
			c.report(SummaryDiffers, at, "write false", "the processing summary says %s, and the playbook has none of it", name)
		case !says && want && name != "manual_playbook":
			c.report(SummaryDiffers, at, "write \""+name+"\": true", "the playbook has what the processing summary calls %s, and does not say so", name)
		}
	}
}

// SummaryFlags are what a processing summary says, in the standard's order.
var SummaryFlags = []string{
	"manual_playbook", "external_playbooks", "parallel_processing", "if_logic", "while_logic", "switch_logic", "temporal_logic",
	"data_markings", "digital_signatures", "countersigned_signatures", "extensions",
}
