package stix

import (
	"encoding/base64"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// comparison compares a variable with values.
type comparison struct {
	name    Operand
	op      string // one of comparators
	negated bool   // NOT stands before op
	values  []operand
}

// operand is what a variable is compared with.
type operand struct {
	Operand
	known Known // of a variable
}

// class is how values of a type are held and compared.
type class string

const (
	asText  class = "string"
	asWhole class = "int"
	asReal  class = "double"
	asTruth class = "bool"
	asTime  class = "timestamp"
)

func classOf(kind string) class {
	switch kind {
	case "integer", "long":
		return asWhole
	case "float":
		return asReal
	case "bool":
		return asTruth
	}
	return asText
}

// translation writes the parts of an expression, and gathers what does not fit.
type translation struct {
	lookup   func(Operand) (Known, *Problem)
	problems []*Problem
}

func (t *translation) problem(at Operand, message, hint string) string {
	t.problems = append(t.problems, &Problem{at.Start, at.End, message, hint, Mismatch})
	return "false"
}

func (t *translation) known(v Operand) (Known, bool) {
	k, problem := t.lookup(v)
	if problem != nil {
		t.problems = append(t.problems, problem)
		return Known{}, false
	}
	return k, true
}

// exists says that a variable has a value.
func (t *translation) exists(v Operand) string {
	if k, ok := t.known(v); ok {
		return k.Given + " != null"
	}
	return "false"
}

// truth is a variable that stands alone.
func (t *translation) truth(v Operand) string {
	k, ok := t.known(v)
	if ok && k.Type != "bool" {
		return t.problem(v, "only a variable of type bool can stand alone, and this is of type "+k.Type, "compare it: "+v.Text+":value = 'yes'")
	}
	return k.Expr
}

// read is how an expression reads a variable as values of a class.
func read(k Known, c class) string {
	switch has := classOf(k.Type); {
	case c != has, k.Type == "long": // what exceeds a number of JSON is kept as text
		return string(c) + "(" + k.Expr + ")"
	case c == asText && folds(k.Type):
		return k.Expr + ".lowerAscii()"
	}
	return k.Expr
}

// quote writes a text as a literal. Go's escapes are among those of CEL.
func quote(s string) string {
	if q := strconv.Quote(s); strings.ContainsAny(q, `\'`) {
		return q
	}
	return "'" + s + "'"
}

func (t *translation) compare(n comparison) string {
	k, all := t.known(n.name)
	for i := range n.values {
		if v := &n.values[i]; v.Kind == Variable {
			var ok bool
			v.known, ok = t.known(v.Operand)
			all = all && ok
		}
	}
	if !all {
		return "false"
	}
	if k.Type == "dictionary" {
		return t.problem(n.name, "a dictionary cannot be compared", "compare a text, or ask with EXISTS")
	}
	var out string
	switch {
	case n.op == "LIKE" || n.op == "MATCHES" || n.op == "ISSUBSET" || n.op == "ISSUPERSET":
		out = t.textual(n, k)
	case k.Type == "ipv6-addr" && (n.op == "=" || n.op == "!=" || n.op == "IN"):
		out = t.address(n, k)
	default:
		out = t.plain(n, k)
	}
	if n.negated {
		return "!(" + out + ")"
	}
	return out
}

// plain is a comparison by value: equality, order, membership.
func (t *translation) plain(n comparison, k Known) string {
	c := classOf(k.Type)
	ordered := n.op != "=" && n.op != "!=" && n.op != "IN"
	for _, v := range n.values {
		switch {
		case c == asText && v.Kind == Time:
			c = asTime
		case c == asText && ordered && (v.Kind == Integer || v.Kind == Float):
			c = asReal
		case c == asWhole && v.Kind == Float:
			c = asReal
		}
	}
	if c == asTruth && ordered {
		return t.problem(n.name, "true and false have no order", "use = or !=")
	}
	left := read(k, c)
	values := make([]string, len(n.values))
	for i, v := range n.values {
		values[i] = t.value(v, c, k.Type)
		other := v.Kind == Variable && c == asText && folds(v.known.Type)
		switch {
		case other && !folds(k.Type):
			left = k.Expr + ".lowerAscii()"
		case !other && v.Kind == Variable && c == asText && folds(k.Type):
			values[i] += ".lowerAscii()"
		}
	}
	switch n.op {
	case "IN":
		return left + " in [" + strings.Join(values, ", ") + "]"
	case "=":
		return left + " == " + values[0]
	}
	return left + " " + n.op + " " + values[0]
}

// address compares addresses that can be written in several ways.
func (t *translation) address(n comparison, k Known) string {
	var out []string
	for _, v := range n.values {
		other := t.value(v, asText, "string")
		if v.Kind == Text && !network(v.Text) {
			return t.problem(v.Operand, "the variable is of type "+k.Type+", and this is not an address", "write it as '2001:db8::1'")
		}
		out = append(out, "net.same("+k.Expr+", "+other+")")
	}
	switch {
	case n.op == "!=":
		return "!" + out[0]
	case len(out) == 1:
		return out[0]
	}
	return "(" + strings.Join(out, " || ") + ")"
}

// value writes an operand as a value of a class, for a variable of a type.
func (t *translation) value(v operand, c class, kind string) string {
	if v.Kind == Variable {
		return read(v.known, c)
	}
	wrong := func(want string) string {
		return t.problem(v.Operand, "the variable is of type "+kind+", and this is not "+want, "")
	}
	switch c {
	case asWhole:
		if i, err := strconv.ParseInt(v.Text, 10, 64); err == nil && (v.Kind == Integer || v.Kind == Text) {
			return strconv.FormatInt(i, 10)
		}
		return wrong("a whole number")
	case asReal:
		if f, err := strconv.ParseFloat(v.Text, 64); err == nil && (v.Kind == Integer || v.Kind == Float || v.Kind == Text) {
			return double(f)
		}
		return wrong("a number")
	case asTruth:
		if b := strings.ToLower(v.Text); (v.Kind == Bool || v.Kind == Text) && (b == "true" || b == "false") {
			return b
		}
		return wrong("true or false")
	case asTime:
		if _, err := time.Parse(time.RFC3339, v.Text); err == nil && (v.Kind == Time || v.Kind == Text) {
			return "timestamp(" + quote(v.Text) + ")"
		}
		return wrong("a time")
	}
	switch {
	case v.Kind == Binary:
		raw, _ := base64.StdEncoding.DecodeString(v.Text) // checked when it was read
		return quote(string(raw))
	case v.Kind == Hex || folds(kind):
		return quote(strings.ToLower(v.Text))
	}
	return quote(v.Text)
}

// folds reports whether the letters of a type's values mean the same in both
// cases: hexadecimal digits.
func folds(kind string) bool {
	switch kind {
	case "hexstring", "hash", "md5-hash", "sha256-hash", "uuid", "mac-addr":
		return true
	}
	return false
}

// double writes a number so that CEL takes it for a double.
func double(f float64) string {
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// textual is a comparison that is about the text of a value.
func (t *translation) textual(n comparison, k Known) string {
	left, v := read(k, asText), n.values[0]
	right := quote(v.Text)
	switch {
	case v.Kind == Variable && n.op == "LIKE":
		return t.problem(v.Operand, "LIKE needs a text", "write the pattern in single quotes; MATCHES takes one from a variable")
	case v.Kind == Variable:
		right = read(v.known, asText)
	case v.Kind != Text:
		return t.problem(v.Operand, n.op+" needs a text", "write it in single quotes")
	}
	text, any := v.Text, ""
	if folds(k.Type) {
		text, any = strings.ToLower(text), "(?i)"
	}
	switch n.op {
	case "LIKE":
		return left + ".matches(" + quote(like(text)) + ")"
	case "MATCHES":
		if _, err := regexp.Compile(v.Text); v.Kind == Text && err != nil {
			return t.problem(v.Operand, "this is not a regular expression of RE2", "irctl has no look-around and no back-references, so that no pattern can run for ever")
		}
		switch {
		case any != "" && v.Kind == Text:
			right = quote(any + v.Text)
		case any != "":
			right = quote(any) + " + " + right
		}
		return left + ".matches(" + right + ")"
	}
	if v.Kind == Text && !network(v.Text) {
		return t.problem(v.Operand, n.op+" needs an address or a network in CIDR notation", "write it as '203.0.113.0/24'")
	}
	if n.op == "ISSUPERSET" {
		left, right = right, left
	}
	return "net.within(" + left + ", " + right + ")"
}

// like is a pattern of LIKE as a regular expression: % is any number of
// characters, _ is one.
func like(pattern string) string {
	return "(?s)^" + strings.NewReplacer("%", ".*", "_", ".").Replace(regexp.QuoteMeta(pattern)) + "$"
}

func network(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	_, err := netip.ParsePrefix(s)
	return err == nil
}
