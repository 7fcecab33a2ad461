package mailing

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/irctl/irctl/pkg/action"
)

// Options say which notice goes to whom.
type Options struct {
	Template string            // a shipped notice, or a path without .LANGUAGE.txt
	List     string            // path of the list of readers, CSV
	Codes    string            // path of the codes, one a line; "" if no reader gets one
	Language string            // for who asks for none, or for one that there is no text in
	Values   map[string]string // what is the same for all readers; NAME.LANGUAGE goes before NAME
	Folder   string            // where relative paths begin; "" is the current folder
}

// Notice is a notice with its readers, all of it checked: each letter can be
// written. It is not changed after [Open].
type Notice struct {
	Readers  []Reader // in the order of the list, each address once
	Repeated []int    // lines of the list whose address stands above
	Foreign  int      // readers who asked for a language that there is no text in
	// Digest is the SHA-256 of all that decides what anybody gets.
	Digest string

	options Options
	texts   texts
	codes   *codes // nil if no text hands one out
}

// Letter is what one reader gets.
type Letter struct{ Language, Subject, Body string }

// Open reads all files of a notice. Its errors name every mistake, with lines.
func Open(o Options) (*Notice, error) {
	o.Language = cmp.Or(o.Language, "en")
	n := &Notice{options: o}
	var err error
	if n.texts, err = openTexts(o.Template, o.Folder); err != nil {
		return nil, err
	}
	if _, ok := n.texts[o.Language]; !ok {
		return nil, refused("the notice "+o.Template+" has no text in "+o.Language, "it has "+strings.Join(n.texts.languages(), ", "))
	}
	list, err := read(o.Folder, o.List, "the list of readers")
	if err != nil {
		return nil, err
	}
	if n.Readers, n.Repeated, err = parseList(o.List, list); err != nil {
		return nil, err
	}
	given := digestOf(o.Language, o.Values, n.texts, list)
	if o.Codes != "" {
		if n.codes, err = openCodes(o.Folder, o.Codes); err != nil {
			return nil, err
		}
		given = digestOf(given, n.codes.digest)
	}
	n.Digest = given
	return n, n.check()
}

// check writes every letter once.
func (n *Notice) check() error {
	var wrong []string
	for i := range n.Readers {
		if _, ok := n.texts[n.Readers[i].Language]; !ok && n.Readers[i].Language != "" {
			n.Foreign++
		}
		if _, err := n.Letter(i, "CODE"); err != nil {
			wrong = append(wrong, err.Error())
		}
	}
	return mistakes("the notice "+n.options.Template, wrong, "give each reader what the notice names: a column of the list, a value for all, or a word to stand in, as {{name|customer}}")
}

// Letter is what the reader at an index gets; code is handed out with it.
func (n *Notice) Letter(i int, code string) (Letter, error) {
	r := n.Readers[i]
	l := Letter{Language: r.Language}
	text, ok := n.texts[r.Language]
	if !ok {
		l.Language = n.options.Language
		text = n.texts[l.Language]
	}
	value := func(name string) (string, bool) {
		switch name {
		case "address":
			return r.Address, true
		case "name":
			return r.Name, true
		case "code":
			return code, n.codes != nil
		}
		if v, ok := r.Fields[name]; ok {
			return v, true
		}
		if v, ok := n.options.Values[name+"."+l.Language]; ok {
			return v, true
		}
		v, ok := n.options.Values[name]
		return v, ok
	}
	var err error
	if l.Subject, err = fill(text.Subject, value); err == nil {
		l.Body, err = fill(text.Body, value)
	}
	if err != nil {
		return Letter{}, fmt.Errorf("line %d, in %s: %w", r.Line, l.Language, err)
	}
	return l, nil
}

// Draft is what somebody reads who has to agree to the notice: to whom it goes,
// and in each language what the first reader of it gets, without the code.
func (n *Notice) Draft() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s goes to %d readers of %s, %d of them by mail.", n.options.Template, len(n.Readers), n.options.List, n.Mailed())
	if len(n.Repeated) > 0 {
		fmt.Fprintf(&b, " %d lines repeat an address and are left out.", len(n.Repeated))
	}
	if n.Foreign > 0 {
		fmt.Fprintf(&b, " %d readers ask for a language that it has no text in, and get %s.", n.Foreign, n.options.Language)
	}
	first, count := map[string]int{}, map[string]int{}
	for i := range n.Readers {
		l, _ := n.Letter(i, n.Masked(i)) // Open has written it before
		if _, seen := first[l.Language]; !seen {
			first[l.Language] = i
		}
		count[l.Language]++
	}
	for _, language := range n.texts.languages() {
		i, ok := first[language]
		if !ok {
			continue
		}
		l, _ := n.Letter(i, n.Masked(i))
		fmt.Fprintf(&b, "\n\n--- %s, to %d readers; line %d gets:\nSubject: %s\n\n%s", language, count[language], n.Readers[i].Line, l.Subject, strings.TrimSpace(l.Body))
	}
	return action.Clean(b.String())
}

// Mailed counts the readers who have an address.
func (n *Notice) Mailed() int {
	count := 0
	for _, r := range n.Readers {
		if r.Address != "" {
			count++
		}
	}
	return count
}

// Masked stands for the code of a reader where people read along.
func (n *Notice) Masked(i int) string {
	return fmt.Sprintf("[the code for line %d of the list]", n.Readers[i].Line)
}

// Coded reports whether readers get a code.
func (n *Notice) Coded() bool { return n.codes != nil }

func digestOf(parts ...any) string {
	text, err := json.Marshal(parts)
	if err != nil {
		panic("mailing: texts cannot be written: " + err.Error())
	}
	return fmt.Sprintf("%x", sha256.Sum256(text))
}

// maxFile is the most bytes that a file of a notice may have.
const maxFile = 64 << 20

// at is where a file lies.
func at(folder, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(folder, path)
}

func read(folder, path, what string) ([]byte, error) {
	f, err := os.Open(at(folder, path))
	if err != nil {
		return nil, &action.Error{Message: what + " cannot be read", Cause: err, Hint: "check the path; a relative one begins where the run was started", Permanent: true}
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return nil, &action.Error{Message: what + " cannot be read", Cause: err, Permanent: true}
	case len(b) > maxFile:
		return nil, refused(fmt.Sprintf("%s has more than %d MiB", path, maxFile>>20), "split it, and send in several steps")
	}
	return b, nil
}

func refused(message, hint string) *action.Error {
	return &action.Error{Message: message, Hint: hint, Permanent: true}
}

// shown is how many mistakes of one file are told at once.
const shown = 10

// mistakes is one error for all that is wrong with a file, nil if nothing is.
func mistakes(file string, wrong []string, hint string) error {
	if len(wrong) == 0 {
		return nil
	}
	more := ""
	if len(wrong) > shown {
		more = fmt.Sprintf("; and %d more", len(wrong)-shown)
		wrong = wrong[:shown]
	}
	return refused("nothing was sent: "+file+": "+strings.Join(wrong, "; ")+more, hint)
}
