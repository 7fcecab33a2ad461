// Package sent says what goes to a target, as it is sent, to whoever keeps the log
// of an attempt.
package sent

import "context"

type key struct{}

// Heard returns a context in which tell hears what [Say] says. It may be
// called from several goroutines.
func Heard(ctx context.Context, tell func(text string)) context.Context {
	return context.WithValue(ctx, key{}, tell)
}

// Say says which command or request goes to a target now, as it is sent:
// the log of the attempt keeps it, with known secrets masked. Whoever carries
// something to a system calls it, and nobody else.
func Say(ctx context.Context, text string) {
	if tell, ok := ctx.Value(key{}).(func(string)); ok {
		tell(text)
	}
}
