package process

import "io"

// bounded keeps the beginning of a stream and swallows the rest.
type bounded struct {
	kept []byte
	max  int
	cut  bool
}

func (b *bounded) Write(p []byte) (int, error) {
	room := b.max - len(b.kept)
	if len(p) > room {
		b.cut = true
		b.kept = append(b.kept, p[:room]...)
	} else {
		b.kept = append(b.kept, p...)
	}
	return len(p), nil
}

func (b *bounded) String() string { return string(b.kept) }

// patient is a writer whose errors stay with whoever keeps the output: a
// command must not die of a full disk in the middle of its work.
type patient struct{ to io.Writer }

func (p patient) Write(b []byte) (int, error) {
	_, _ = p.to.Write(b)
	return len(b), nil
}
