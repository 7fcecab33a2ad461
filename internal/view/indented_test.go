package view

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestJSONIsLaidOutAsTheStandardLibraryDoes(t *testing.T) {
	for _, text := range []string{
		`{}`, `[]`, `""`, `null`, `-1.5e+3`, `[[],{},[{}]]`, `{"a":{"b":[1,2,{"c":null}]},"d":[]}`,
		`{"a\"b":"\\","c":"{[,:]}","d\\":["\\\"",true]}`, `["ä\u2028 👩‍🚒"]`,
	} {
		var want bytes.Buffer
		require.NoError(t, json.Indent(&want, []byte(text+"\n"), "", "  "))
		require.Equal(t, want.String(), string(indented([]byte(text+"\n"))), text)
	}
}
