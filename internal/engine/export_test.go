package engine

import "github.com/irctl/irctl/pkg/event"

// HasTransition reports whether a table says when an event of the type may come.
func HasTransition(name event.Type) bool {
	return runTransitions[name] != nil || transitions[name] != nil || undoTransitions[name].do != nil
}
