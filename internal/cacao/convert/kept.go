package convert

import (
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/pkg/runbook"
)

// A runbook that was made of a playbook and then changed is a playbook of its
// own, derived from the other one; what its maker said about handling, validity
// and weight holds for it as well. Signatures do not.

// keep takes over what the playbook that a runbook was made of says about
// itself.
func keep(o *runbook.Value, pb *cacao.Playbook) {
	if pb == nil {
		return
	}
	add(o, "derived_from", []string{pb.ID.Value})
	for _, key := range []string{"revoked", "valid_from", "valid_until", "related_to", "priority", "severity", "impact", "industry_sectors", "external_references"} {
		if v := pb.Tree.Get(key); v != nil {
			add(o, key, v)
		}
	}
}

// keepExtensions takes over the extensions of the playbook, with their
// definitions.
func keepExtensions(extensions, definitions *runbook.Value, pb *cacao.Playbook) {
	if pb == nil {
		return
	}
	for _, p := range pairsOf(pb.Extensions) {
		if p.Key.Value != extensionID {
			put(extensions, p.Key.Value, p.Value)
		}
	}
	for _, d := range pb.ExtensionDefs {
		if d.Key.Value != extensionID && extensions.Get(d.Key.Value) != nil {
			put(definitions, d.Key.Value, d.Value)
		}
	}
}

func pairsOf(v *runbook.Value) []runbook.Pair {
	if v == nil {
		return nil
	}
	return v.Pairs
}

// marked are the data markings that are kept, and that of a level, unless they
// are as strict already.
func marked(pb *cacao.Playbook, level, creator, created string) (ids []string, definitions *runbook.Value) {
	definitions = dict()
	if pb != nil {
		ids = each.Of(pb.Markings, func(id runbook.Text) string { return id.Value })
		for _, d := range pb.MarkingDefs {
			put(definitions, d.Key.Value, d.Value)
		}
	}
	if level == "" || pb != nil && level == Level(pb) {
		return ids, definitions
	}
	id := identifier("marking-tlp", creator, created, level)
	put(definitions, id, dict("type", "marking-tlp", "id", id, "created_by", creator, "created", created, "tlpv2_level", "TLP:"+level))
	return append(ids, id), definitions
}

// Levels are the levels of the Traffic Light Protocol 2.0 (FIRST), from what
// everybody may read to what only the recipient may.
func Levels() []string { return []string{"CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"} }

// Level is the strictest level that a playbook is marked with, "" if with none.
// Version 1 of the protocol, which IEP markings use, says WHITE for CLEAR.
func Level(pb *cacao.Playbook) string {
	strictest := ""
	for _, id := range pb.Markings {
		for _, key := range []string{"tlpv2_level", "tlp"} {
			if l := levelOf(textOf(marking(pb, id), key)); Stricter(l, strictest) {
				strictest = l
			}
		}
	}
	return strictest
}

// marking is the definition of a data marking, nil if there is none.
func marking(pb *cacao.Playbook, id runbook.Text) *runbook.Value {
	return pb.Tree.Get("data_marking_definitions").Get(id.Value)
}

func levelOf(text string) string {
	text = strings.TrimPrefix(strings.ToUpper(text), "TLP:")
	if text == "WHITE" {
		return "CLEAR"
	}
	return text
}

// Stricter reports whether fewer people may read what is marked with a level
// than with another; no level is the least.
func Stricter(level, than string) bool {
	return slices.Index(Levels(), level) > slices.Index(Levels(), than)
}
