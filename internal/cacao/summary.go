package cacao

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
		switch s.Kind {
		case KindPlaybook:
			f["external_playbooks"] = true
		case KindParallel:
			f["parallel_processing"] = true
		case KindIf:
			f["if_logic"] = true
		case KindWhile:
			f["while_logic"] = true
		case KindSwitch:
			f["switch_logic"] = true
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
	if c.pb.Summary == nil {
		return
	}
	truth, said := Features(c.pb), map[string]Flag{}
	for _, f := range c.pb.Summary.Flags {
		said[f.Name.Value] = f
	}
	anyManual := false
	for _, s := range c.pb.Steps {
		for _, cmd := range s.Commands {
			anyManual = anyManual || cmd.Type.Value == "manual"
		}
	}
	for _, name := range summaryFlags {
		f, at := said[name], opening(c.pb.Summary.Span)
		if f.Name.Given() {
			at = f.Name.Span
		}
		want := truth[name]
		if name == "manual_playbook" && f.Value && anyManual {
			want = true
		}
		switch {
		case f.Value && !want:
			c.report(SummaryDiffers, at, "write false", "the processing summary says %s, and the playbook has none of it", name)
		case !f.Value && want && name != "manual_playbook":
			c.report(SummaryDiffers, at, "write \""+name+"\": true", "the playbook has what the processing summary calls %s, and does not say so", name)
		}
	}
}
