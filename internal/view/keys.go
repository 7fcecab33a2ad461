package view

import (
	"io"
	"unicode/utf8"
)

// key is one key press: a character, or one of the names below.
type key struct {
	char rune // 0 for a named key
	name string
}

// The named keys. Other special keys are passed over.
const (
	keyEnter     = "enter"
	keyErase     = "erase"      // one character
	keyEraseLine = "erase line" // Ctrl-U
	keyEscape    = "escape"
	keyInterrupt = "interrupt" // Ctrl-C
	keyUp        = "up"
	keyDown      = "down"
	keyPageUp    = "page up"
	keyPageDown  = "page down"

	keyFold = 'f' // shows finished parts, or folds them
)

var controls = map[byte]string{
	'\r': keyEnter, '\n': keyEnter, 0x7F: keyErase, 0x08: keyErase, 0x15: keyEraseLine, 0x03: keyInterrupt,
}

// sequences are what follows ESC [ or ESC O.
var sequences = map[string]string{"A": keyUp, "B": keyDown, "5~": keyPageUp, "6~": keyPageDown}

// decode turns what a terminal in raw mode sends into keys. It returns the
// bytes of a character that has not arrived as a whole.
func decode(in []byte) (keys []key, rest []byte) {
	for len(in) > 0 {
		switch c := in[0]; {
		case c == 0x1B:
			n, name := escape(in)
			if name != "" {
				keys = append(keys, key{name: name})
			}
			in = in[n:]
		case c < 0x20 || c == 0x7F:
			if name := controls[c]; name != "" {
				keys = append(keys, key{name: name})
			}
			in = in[1:]
		case !utf8.FullRune(in):
			return keys, in
		default:
			r, n := utf8.DecodeRune(in)
			if r != utf8.RuneError {
				keys = append(keys, key{char: r})
			}
			in = in[n:]
		}
	}
	return keys, nil
}

// escape reads an escape sequence (ECMA-48 section 5.4) or the Escape key.
func escape(in []byte) (n int, name string) {
	if len(in) == 1 || in[1] != '[' && in[1] != 'O' {
		return 1, keyEscape
	}
	for n = 2; n < len(in); n++ {
		if in[n] >= 0x40 && in[n] <= 0x7E {
			return n + 1, sequences[string(in[2:n+1])]
		}
	}
	return len(in), ""
}

// readKeys sends the keys of a terminal in raw mode until reading fails or
// stop is closed.
func readKeys(r io.Reader, out chan<- key, stop <-chan struct{}) {
	buf := make([]byte, 1024)
	var rest []byte
	for {
		n, err := r.Read(buf)
		var keys []key
		keys, rest = decode(append(rest, buf[:n]...))
		rest = append([]byte(nil), rest...)
		for _, k := range keys {
			select {
			case out <- k:
			case <-stop:
				return
			}
		}
		if err != nil {
			return
		}
	}
}
