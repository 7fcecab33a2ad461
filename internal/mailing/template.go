package mailing

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/runbooks"
)

// texts are the texts of a notice by their languages.
type texts map[string]text

type text struct{ Subject, Body string }

func (t texts) languages() []string { return slices.Sorted(maps.Keys(t)) }

// openTexts reads NAME.LANGUAGE.txt for all languages: the shipped ones, or
// where a path leads.
func openTexts(name, folder string) (texts, error) {
	files := runbooks.Notices()
	base := name
	if strings.ContainsAny(name, `/\`) {
		path := at(folder, filepath.FromSlash(name))
		files, base = os.DirFS(filepath.Dir(path)), filepath.Base(path)
	}
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, &action.Error{Message: "the notice " + name + " cannot be read", Cause: err, Permanent: true}
	}
	out := texts{}
	var wrong []string
	for _, e := range entries {
		rest, ours := strings.CutPrefix(e.Name(), base+".")
		language, isText := strings.CutSuffix(rest, ".txt")
		if !ours || !isText || strings.Contains(language, ".") {
			continue
		}
		b, err := fs.ReadFile(files, e.Name())
		if err == nil {
			out[strings.ToLower(language)], err = parseText(string(b))
		}
		if err != nil {
			wrong = append(wrong, e.Name()+": "+err.Error())
		}
	}
	if len(out) == 0 {
		return nil, refused("there is no notice "+name, "irctl has "+strings.Join(runbooks.NoticeNames(), ", ")+"; one of yours is a path, as ./notices/breach for ./notices/breach.en.txt")
	}
	return out, mistakes("the notice "+name, wrong, "irctl help notices")
}

// parseText reads a first line with the subject, an empty one, and the body.
func parseText(s string) (text, error) {
	s = strings.TrimPrefix(strings.ReplaceAll(s, "\r\n", "\n"), "\ufeff")
	if !utf8.ValidString(s) {
		return text{}, errors.New("is not UTF-8")
	}
	head, body, ok := strings.Cut(s, "\n\n")
	subject, isSubject := strings.CutPrefix(head, "Subject: ")
	if !ok || !isSubject || strings.Contains(subject, "\n") || strings.TrimSpace(body) == "" {
		return text{}, errors.New("does not begin with a line `Subject: ...`, an empty line and a text")
	}
	for i, line := range strings.Split(s, "\n") {
		if left := placeholder().ReplaceAllString(line, ""); strings.Contains(left, "{{") || strings.Contains(left, "}}") {
			return text{}, fmt.Errorf("line %d: what stands in braces is no name, as {{name}} or {{name|customer}}", i+1)
		}
	}
	return text{subject, body}, nil
}

// placeholder is a name in a text, and what stands in if it is empty.
var placeholder = pattern.Late(`\{\{ *([a-z][a-z0-9_]*) *(\|[^{}]*)?\}\}`)

// fill puts values into a text.
func fill(s string, value func(name string) (string, bool)) (string, error) {
	var wrong error
	out := placeholder().ReplaceAllStringFunc(s, func(found string) string {
		m := placeholder().FindStringSubmatch(found)
		v, known := value(m[1])
		switch {
		case v != "":
			return v
		case m[2] != "":
			return m[2][1:]
		case !known:
			wrong = fmt.Errorf("nobody says what {{%s}} is", m[1])
		default:
			wrong = fmt.Errorf("{{%s}} is empty", m[1])
		}
		return found
	})
	return out, wrong
}
