package linecode_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/linecode"
)

func TestWhatIsReadIsWhatWasWritten(t *testing.T) {
	for n := range 300 {
		data := bytes.Repeat([]byte{byte(n), 0xff, 0}, n)
		lines := linecode.Encode('Q', data)
		for _, text := range []string{
			strings.Join(lines, "\n"), strings.Join(lines, " "), strings.ToLower(strings.Join(lines, "\r\n")),
			strings.Join(lines, "  \n\n"),
		} {
			got, err := linecode.Decode('Q', text)
			require.NoError(t, err, text)
			require.Equal(t, data, append([]byte{}, got...))
		}
		if n == 24 { // 78 bytes
			require.Len(t, lines, 4)
		}
	}
}

// TestOneWrongCharacterIsFoundAndItsLineNamed: every character of a code, mistyped
// as every other one; and every two neighbours swapped.
func TestOneWrongCharacterIsFoundAndItsLineNamed(t *testing.T) {
	lines := linecode.Encode('Q', []byte("run 01JZ, step authorise: may the portal be closed for good, tonight?"))
	for l, line := range lines {
		begin := strings.IndexByte(line, ' ') + 1
		try := func(other string) {
			typed := append(append(append([]string{}, lines[:l]...), other), lines[l+1:]...)
			_, err := linecode.Decode('Q', strings.Join(typed, "\n"))
			var wrong *linecode.Error
			require.ErrorAs(t, err, &wrong, other)
			require.Equal(t, l+1, wrong.Line, other)
		}
		for i := begin; i < len(line); i++ {
			if line[i] == ' ' {
				continue
			}
			for _, c := range "0123456789ABCDEFGHJKMNPQRSTVWXYZ" {
				if byte(c) != line[i] {
					try(line[:i] + string(c) + line[i+1:])
				}
			}
			try(line[:i] + "?" + line[i+1:])
			try(line[:i] + line[i+1:])
			if i+1 < len(line)-2 && line[i+1] != ' ' && line[i] != line[i+1] {
				try(line[:i] + string([]byte{line[i+1], line[i]}) + line[i+2:])
			}
		}
	}
	_, err := linecode.Decode('Q', strings.Join(lines[:len(lines)-1], "\n"))
	require.ErrorContains(t, err, "is missing")
	_, err = linecode.Decode('A', strings.Join(lines, "\n"))
	require.ErrorContains(t, err, "another code")
	_, err = linecode.Decode('Q', "hello")
	require.ErrorContains(t, err, "no code")
}

func FuzzDecode(f *testing.F) {
	f.Add(strings.Join(linecode.Encode('Q', []byte("hello")), "\n"))
	f.Add("1/1 00000 00")
	f.Add("1/99 ZZ 2/3 ")
	f.Fuzz(func(t *testing.T, text string) {
		data, err := linecode.Decode('Q', text)
		if err == nil {
			again, err := linecode.Decode('Q', strings.Join(linecode.Encode('Q', data), "\n"))
			require.NoError(t, err)
			require.Equal(t, data, again)
		}
	})
}

// What is no line of a code is said to be none, however long it is.
func TestWhatIsNoLineIsRefused(t *testing.T) {
	for _, text := range []string{"1/1 " + strings.Repeat("!", 300), "1/1 " + strings.Repeat("Z", 1<<16), "1/1 ÄÖÜ", "99/99 A", "1/1 \x00\x00\x00\x00"} {
		_, err := linecode.Decode('q', text)
		var wrong *linecode.Error
		require.ErrorAs(t, err, &wrong, "%.20q", text)
	}
}
