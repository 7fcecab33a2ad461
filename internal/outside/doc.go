// Package outside is everything outside irctl that a command touches.
//
// A [World] is handed to the commands; [System] gives the real one, tests make
// their own. [World.UntilSignal] and [NewStops] bring what the operating system
// asks of the process.
//
// Files, in reading order: world.go, system.go, core_linux.go and its siblings
// (what a death leaves), signals.go, settings.go.
package outside
