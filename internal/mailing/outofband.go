package mailing

import (
	"bytes"
	"encoding/csv"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// OutOfBand is a list of readers for post or telephone, as CSV: those of whom
// why gives a reason. first is what [Notice.Claim] returned, 0 without codes; a
// code stands there by its line in the file of codes.
func (n *Notice) OutOfBand(first int, why func(i int) string) (csvText []byte, count int) {
	names := map[string]bool{}
	for _, r := range n.Readers {
		for name := range r.Fields {
			names[name] = true
		}
	}
	columns := slices.Sorted(maps.Keys(names))
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(append([]string{"line", "address", "name", "language", "code_line", "why"}, columns...)) // a buffer takes it
	for i, r := range n.Readers {
		reason := why(i)
		if reason == "" {
			continue
		}
		count++
		code := ""
		if first > 0 {
			code = strconv.Itoa(first + i)
		}
		row := []string{strconv.Itoa(r.Line), r.Address, r.Name, r.Language, code, reason}
		for _, c := range columns {
			row = append(row, r.Fields[c])
		}
		for k, v := range row {
			row[k] = inert(v)
		}
		_ = w.Write(row)
	}
	w.Flush()
	return b.Bytes(), count
}

// inert keeps a spreadsheet from taking a field for a formula; the number of a
// telephone stays as it is.
func inert(v string) string {
	if v != "" && strings.Contains("=@+-\t", v[:1]) && strings.Trim(v, "+-0123456789 ()/.") != "" {
		return "'" + v
	}
	return v
}
