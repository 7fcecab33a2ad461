package reference

// Scope is where variables are looked up: those of a step, then those of the
// steps around whose branch it stands in, then those of the playbook. T is what
// the reader knows of one.
type Scope[T any] struct {
	Known map[string]T
	Outer *Scope[T]
}

// Lookup returns what is known of a variable, and whether there is one.
func (s *Scope[T]) Lookup(name string) (known T, ok bool) {
	for at := s; at != nil && !ok; at = at.Outer {
		known, ok = at.Known[name]
	}
	return known, ok
}

// Has reports whether there is a variable of a name.
func (s *Scope[T]) Has(name string) bool {
	_, ok := s.Lookup(name)
	return ok
}
