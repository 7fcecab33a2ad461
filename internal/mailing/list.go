package mailing

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/pkg/action"
)

// Reader is a line of the list.
type Reader struct {
	Line     int    // of the list, from 1
	Address  string // "" if mail cannot reach this reader
	Name     string
	Language string            // as asked for, in small letters; "" is no wish
	Fields   map[string]string // all other columns
}

// maxField is the most bytes of one field.
const maxField = 4 << 10

// parseList reads CSV (RFC 4180) with a line of names: address, and if there are
// name, language and whatever else. Semicolons may stand between fields, as some
// spreadsheets write them. A second line with an address is left out.
func parseList(name string, b []byte) (readers []Reader, repeated []int, err error) {
	const hint = "correct the list; save it as CSV in UTF-8 with a first line of names, such as address,name,language"
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	if !utf8.Valid(b) {
		return nil, nil, refused("nothing was sent: "+name+" is not UTF-8", hint)
	}
	r := csv.NewReader(bytes.NewReader(b))
	if first, _, _ := bytes.Cut(b, []byte("\n")); bytes.Contains(first, []byte(";")) && !bytes.Contains(first, []byte(",")) {
		r.Comma = ';'
	}
	columns, err := r.Read()
	if err != nil {
		return nil, nil, refused("nothing was sent: "+name+" has no first line of names", hint)
	}
	var wrong []string
	for i, c := range columns {
		columns[i] = strings.ToLower(strings.TrimSpace(c))
		if slices.Contains(columns[:i], columns[i]) || columns[i] == "code" {
			wrong = append(wrong, fmt.Sprintf("line 1: the column %q is there twice, or is irctl's own", action.CleanLine(c, 40)))
		}
	}
	if !slices.Contains(columns, "address") {
		wrong = append(wrong, "line 1: no column is called address")
	}
	seen := map[string]bool{}
	for len(wrong) < 10*shown {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			wrong = append(wrong, fmt.Sprintf("line %d: %v", broken.Line, broken.Err))
			if !errors.Is(err, csv.ErrFieldCount) {
				break // what follows cannot be told apart
			}
			continue
		}
		line, _ := r.FieldPos(0)
		reader, err := readerOf(columns, row)
		reader.Line = line
		same := strings.ToLower(reader.Address)
		switch {
		case err != nil:
			wrong = append(wrong, fmt.Sprintf("line %d: %v", line, err))
		case same != "" && seen[same]:
			repeated = append(repeated, line)
		default:
			seen[same] = true
			readers = append(readers, reader)
		}
	}
	if len(readers) == 0 && len(wrong) == 0 {
		wrong = append(wrong, "nobody stands in it")
	}
	return readers, repeated, mistakes(name, wrong, hint)
}

func readerOf(columns, row []string) (Reader, error) {
	r := Reader{Fields: map[string]string{}}
	for i, v := range row {
		v = strings.TrimSpace(v)
		if len(v) > maxField || strings.ContainsFunc(v, unicode.IsControl) {
			return r, fmt.Errorf("the field %s has a line end or another control character, or more than %d bytes", action.CleanLine(columns[i], 40), maxField)
		}
		switch columns[i] {
		case "address":
			r.Address = v
		case "name":
			r.Name = v
		case "language":
			r.Language = strings.ToLower(v)
		default:
			r.Fields[columns[i]] = v
		}
	}
	if r.Address == "" {
		return r, nil
	}
	a, err := Address(r.Address)
	if err != nil {
		return r, err
	}
	r.Address = a.Address
	return r, nil
}

// unquoted is an address whose local part needs no quotes (RFC 5321 section
// 4.1.2): without them, which the parser takes away, any other would end early
// in a command, and go on as its parameters.
var unquoted = pattern.Late(`^[^\s"(),:;<>@[\\\]]+@[^\s"(),;<>@\\]+$`)

// Address parses an address, bare or with a name. One that could smuggle in a
// header or a second recipient does not parse.
func Address(s string) (*mail.Address, error) {
	a, err := mail.ParseAddress(s)
	if err != nil || !unquoted().MatchString(a.Address) || strings.ContainsFunc(a.Address+a.Name, unicode.IsControl) {
		return nil, refused(fmt.Sprintf("%q is not an e-mail address", action.CleanLine(s, 80)), "write it as in dana@example.com")
	}
	return a, nil
}
