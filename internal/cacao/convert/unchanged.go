package convert

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/language"
)

// printLine begins the comment that says what a runbook held when it was made
// of a playbook.
const printLine = "# content:  "

// fingerprint tells whether two files say the same: comments, the order of
// keys and the way of writing do not count.
func fingerprint(source []byte) string {
	tree, _ := language.ParseTree("", source)
	data, err := json.Marshal(tree.Data())
	if err != nil { // a number that JSON does not have; there is none in YAML of ours
		data = source
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Unchanged reports whether a runbook still says what it said when it was made
// of a playbook. It is no protection: whoever changes the runbook can change
// the comment.
func Unchanged(pb *cacao.Playbook, source []byte) bool {
	print := fingerprint(source)
	if text := pb.Extensions.Get(extensionID).Get("runbook"); text != nil && fingerprint([]byte(text.Text)) == print {
		return true
	}
	for line := range bytes.Lines(source) {
		said, ok := strings.CutPrefix(strings.TrimRight(string(line), "\r\n"), printLine)
		if ok {
			return said == print
		}
	}
	return false
}
