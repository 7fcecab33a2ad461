package action

import "context"

type sentKey struct{}

// WithSent returns a context in which tell hears what [Sent] says. It may be
// called from several goroutines.
func WithSent(ctx context.Context, tell func(text string)) context.Context {
	return context.WithValue(ctx, sentKey{}, tell)
}

// Sent says which command or request goes to a target now, as it is sent:
// the log of the attempt keeps it, with known secrets masked. Whoever carries
// something to a system calls it, and nobody else.
func Sent(ctx context.Context, text string) {
	if tell, ok := ctx.Value(sentKey{}).(func(string)); ok {
		tell(text)
	}
}
