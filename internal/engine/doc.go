// Package engine is the pure state machine of a run.
package engine
