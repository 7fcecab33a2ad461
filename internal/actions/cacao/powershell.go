package cacao

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/irctl/irctl/internal/cacao/reference"
	"github.com/irctl/irctl/internal/pattern"
)

// powershellScript makes a script of a PowerShell text: every value is
// assigned to a variable, as base64, and every reference becomes that variable.
// Values are never a part of the text that PowerShell reads as a program.
func powershellScript(text string, vars values) (string, error) {
	refs, names, prelude, err := assignments(text, vars, func(name, value string) (string, string) {
		return "$" + name + " = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('" + base64.StdEncoding.EncodeToString([]byte(value)) + "'))", ""
	})
	if err != nil || len(refs) == 0 {
		return text, err
	}
	if word := evaluatesAgain().FindString(text); word != "" {
		return "", refusal(text, refs[0], fmt.Sprintf("in a command that uses %s, where a value could be read as a program or be missing", strings.TrimSpace(word)))
	}
	if strings.ContainsAny(text, "‘’‚‛“”„") {
		return "", permanent("the command holds typographic quotes, which PowerShell reads as quotes", "write plain ones, so that it is clear what stands inside quotes")
	}
	var out strings.Builder
	out.WriteString(prelude)
	for at := 0; at < len(text); {
		piece := text[at : at+len(powershellPiece().FindString(text[at:]))]
		if piece[0] == '#' && at > 0 && !strings.ContainsAny(text[at-1:at], " \t\r\n;(){}|&,=") {
			piece = "#" // inside a word
		}
		end := at + len(piece)
		var inside []reference.Place
		for _, ref := range refs {
			if ref.Start >= at && ref.End <= end {
				inside = append(inside, ref)
			} else if ref.Start < end && ref.End > at {
				return "", refusal(text, ref, notData)
			}
		}
		comment := piece[0] == '#' || strings.HasPrefix(piece, "<#")
		last := at
		for _, ref := range inside {
			variable := "${" + names[ref.Name] + "}"
			switch quoted := strings.TrimPrefix(piece, "@"); {
			case comment:
				variable = text[ref.Start:ref.End]
			case quoted[0] == '\'' && len(piece) == ref.End-ref.Start+2 && quoted == piece: // the whole text is the value
				out.WriteString("$" + names[ref.Name])
				last = end
				continue
			case quoted[0] == '\'':
				return "", refusal(text, ref, "in single quotes, where PowerShell fills nothing in; write double ones")
			case quoted[0] == '"' && (text[ref.Start-1] == '$' || odd(text[:ref.Start], '`')):
				return "", refusal(text, ref, "behind a dollar sign or a backtick")
			case quoted[0] == '"' && strings.Contains(quoted, "$("):
				return "", refusal(text, ref, "inside quotes with a $( ) in them; assign what that gives to a variable")
			case quoted[0] != '"':
				if why := bareWord(text, ref); why != "" {
					return "", refusal(text, ref, why)
				}
				variable = "$" + names[ref.Name]
			}
			out.WriteString(text[last:ref.Start] + variable)
			last = ref.End
		}
		out.WriteString(text[last:end])
		at = end
	}
	return out.String(), nil
}

// powershellPiece is a comment, a text in quotes, or what stands between.
var powershellPiece = pattern.Late("^(?s:<#.*?#>|#[^\n]*|@'\r?\n.*?\n'@|@\"\r?\n.*?\n\"@|'(?:[^']|'')*'|\"(?:[^\"`]|`.|\"\")*\"|`.|[^'\"#@`<]+|.)")

// evaluatesAgain finds what in PowerShell reads a text as a program, or runs a
// block where the variables of this one are not known; and options behind which
// other programs take one.
var evaluatesAgain = pattern.Late(`(?i)(\b(iex|invoke-expression|invokescript|newscriptblock|add-type|invoke-command|icm|start-job|start-threadjob|enter-pssession)([\s;|)]|$)|scriptblock\]\s*::|-parallel\b|-encodedcommand\b|-command\b|\s/c\s|--%)`)

// bareWord says why a reference outside of quotes is not a word of its own that
// is no command, "" if it is.
func bareWord(text string, ref reference.Place) string {
	before, after := strings.TrimRight(text[:ref.Start], " \t"), text[ref.End:]
	switch {
	case before == "" || strings.IndexByte("\r\n;{|&", before[len(before)-1]) >= 0, strings.HasSuffix(before, " ."), before == ".":
		return "where the command line reads a program: which program runs is not for a variable to say"
	case len(before) == ref.Start && !strings.ContainsAny(before[len(before)-1:], "(,=[!+*/%<>"), after != "" && strings.IndexByte(" \t\r\n),;|}]", after[0]) < 0:
		return "in the middle of a word; put the word in double quotes"
	}
	return ""
}

// odd reports whether a text ends with an odd number of a character that takes
// the meaning of the next one.
func odd(text string, escape byte) bool {
	return (len(text)-len(strings.TrimRight(text, string(escape))))%2 == 1
}
