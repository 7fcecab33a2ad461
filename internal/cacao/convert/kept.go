package convert

import (
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/pkg/runbook"
)

// Kept is what an export takes over from the playbook that a runbook was made
// of. The zero value is nothing.
type Kept struct {
	members     *runbook.Value // of the playbook: references, priority, sectors
	extensions  *runbook.Value // of the playbook
	definitions *runbook.Value // of extensions
	markings    []string
	marks       *runbook.Value // data marking definitions
	level       string         // the strictest
}

// Keep returns what a runbook that was made of a playbook and then changed
// takes over when it is exported. It is a playbook of its own, derived from
// the other one; what its maker said about handling, validity and weight holds
// for it as well. Signatures do not.
func Keep(pb *cacao.Playbook) Kept {
	k := Kept{level: Level(pb), members: dict("derived_from", []string{pb.ID.Value}), extensions: dict(), definitions: dict(), marks: dict()}
	for _, key := range []string{"revoked", "valid_from", "valid_until", "related_to", "priority", "severity", "impact", "industry_sectors", "external_references"} {
		if v := pb.Tree.Get(key); v != nil {
			add(k.members, key, v)
		}
	}
	for _, p := range pairsOf(pb.Extensions) {
		if p.Key.Value != extensionID {
			put(k.extensions, p.Key.Value, p.Value)
		}
	}
	for _, d := range pb.ExtensionDefs {
		if k.extensions.Get(d.Key.Value) != nil {
			put(k.definitions, d.Key.Value, d.Value)
		}
	}
	for _, id := range pb.Markings {
		k.markings = append(k.markings, id.Value)
	}
	for _, d := range pb.MarkingDefs {
		put(k.marks, d.Key.Value, d.Value)
	}
	return k
}

func pairsOf(v *runbook.Value) []runbook.Pair {
	if v == nil {
		return nil
	}
	return v.Pairs
}

// marks are a playbook's data markings.
type marks struct {
	ids         []string
	definitions *runbook.Value
}

// marked adds the marking of a level to those that are kept, unless they are
// as strict already.
func (k Kept) marked(level, creator, created string) marks {
	m := marks{ids: slices.Clone(k.markings), definitions: join(dict(), k.marks)}
	if level == "" || level == k.level {
		return m
	}
	id := identifier("marking-tlp", creator, created, level)
	m.ids = append(m.ids, id)
	put(m.definitions, id, dict("type", "marking-tlp", "id", id, "created_by", creator, "created", created, "tlpv2_level", "TLP:"+level))
	return m
}

// Levels are the levels of the Traffic Light Protocol 2.0 (FIRST), from what
// everybody may read to what only the recipient may.
func Levels() []string { return []string{"CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"} }

// Level is the strictest level that a playbook is marked with, "" if with none.
// Version 1 of the protocol, which IEP markings use, says WHITE for CLEAR.
func Level(pb *cacao.Playbook) string {
	strictest := ""
	for _, id := range pb.Markings {
		for _, d := range pb.MarkingDefs {
			if d.Key.Value != id.Value {
				continue
			}
			for _, key := range []string{"tlpv2_level", "tlp"} {
				if v := d.Value.Get(key); v != nil {
					if l := levelOf(v.Text); Stricter(l, strictest) {
						strictest = l
					}
				}
			}
		}
	}
	return strictest
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
