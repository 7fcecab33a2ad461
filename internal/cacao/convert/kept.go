package convert

// Kept is what an export takes over from the playbook that a runbook was made
// of. The zero value is nothing.
type Kept struct {
	Members     object // of the playbook: references, priority, sectors
	Extensions  object // of the playbook
	Definitions object // of extensions
	Markings    []string
	Marks       object // data marking definitions
}

// marks are a playbook's data markings.
type marks struct {
	ids         []string
	definitions object
}

// marked adds the marking of a level to those that are kept.
func (k Kept) marked(level, creator, created string) marks {
	m := marks{ids: append([]string{}, k.Markings...), definitions: append(object{}, k.Marks...)}
	if level == "" {
		return m
	}
	id := identifier("marking-tlp", creator, created, level)
	var o object
	o.put("type", "marking-tlp")
	o.put("id", id)
	o.put("created_by", creator)
	o.put("created", created)
	o.put("tlpv2_level", "TLP:"+level)
	m.ids = append(m.ids, id)
	m.definitions.put(id, o)
	return m
}

// Levels are the levels of the Traffic Light Protocol 2.0 (FIRST), from what
// everybody may read to what only the recipient may.
func Levels() []string { return []string{"CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"} }
