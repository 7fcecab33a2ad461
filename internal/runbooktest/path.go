package runbooktest

import (
	"slices"
	"strconv"
)

// Line is one line of a diff between the expected and the actual path.
type Line struct {
	Mark Mark   `json:"mark"`
	Text string `json:"text"`
	Why  string `json:"why,omitempty"` // of a step that is not as expected: why it went as it did
}

// Mark says whose a line is: ' ' as expected, '-' expected only, '+' actual
// only, '.' steps that a gap stands for, or that are left out.
type Mark byte

// MarshalText implements encoding.TextMarshaler.
func (m Mark) MarshalText() ([]byte, error) { return []byte{byte(m)}, nil }

// Marks of lines.
const (
	Equal   = ' '
	Missing = '-'
	Extra   = '+'
	Skipped = '.'
)

func (e PathEntry) fits(s Stop) bool {
	return e.means(s) && (e.Status == "" || e.Status == string(s.Status))
}

// means reports whether the step is the expected one, whatever its status.
func (e PathEntry) means(s Stop) bool { return !e.Gap && e.ref.fits(s.Path, s.Node) }

// compare aligns the expected with the actual path so that as little as
// possible differs. equal is true if nothing does.
func compare(want []PathEntry, got []Stop) (diff []Line, equal bool) {
	// least[i][k] is the least number of differences between want[i:] and got[k:].
	least := make([][]int, len(want)+1)
	for i := range least {
		least[i] = make([]int, len(got)+1)
	}
	for i := len(want); i >= 0; i-- {
		for k := len(got); k >= 0; k-- {
			least[i][k] = cheapest(want, got, least, i, k)
		}
	}
	for i, k := 0, 0; i < len(want) || k < len(got); {
		left := least[i][k]
		switch {
		case i < len(want) && want[i].Gap && least[i+1][k] == left:
			i++
		case i < len(want) && k < len(got) && want[i].Gap && least[i][k+1] == left:
			diff = append(diff, Line{Skipped, got[k].label(), ""})
			k++
		case i < len(want) && k < len(got) && want[i].fits(got[k]) && least[i+1][k+1] == left:
			diff = append(diff, Line{Equal, got[k].label(), ""})
			i, k = i+1, k+1
		case i < len(want) && k < len(got) && want[i].means(got[k]) && least[i+1][k+1]+changed == left:
			diff = append(diff, Line{Missing, want[i].label(), ""}, Line{Extra, got[k].label(), got[k].Why})
			i, k = i+1, k+1
		case i < len(want) && !want[i].Gap && least[i+1][k]+single == left:
			diff = append(diff, Line{Missing, want[i].label(), ""})
			i++
		default:
			diff = append(diff, Line{Extra, got[k].label(), got[k].Why})
			k++
		}
	}
	return diff, least[0][0] == 0
}

// What differences count. One step with another status counts less than a step
// that is missing, so that it is shown as what it is and no gap swallows it.
const (
	single  = 4
	changed = 3
)

func cheapest(want []PathEntry, got []Stop, least [][]int, i, k int) int {
	switch {
	case i == len(want):
		return single * (len(got) - k)
	case want[i].Gap && k == len(got):
		return least[i+1][k]
	case want[i].Gap:
		return min(least[i+1][k], least[i][k+1])
	case k == len(got):
		return least[i+1][k] + single
	case want[i].fits(got[k]):
		return least[i+1][k+1]
	case want[i].means(got[k]):
		return min(least[i+1][k]+single, least[i][k+1]+single, least[i+1][k+1]+changed)
	}
	return min(least[i+1][k], least[i][k+1]) + single
}

func (e PathEntry) label() string { return label(e.ref.text, e.Status) }
func (s Stop) label() string      { return label(s.Path, string(s.Status)) }

func label(path, status string) string {
	if status == "succeeded" || status == "" {
		return path
	}
	return path + ": " + status
}

// Shorten leaves out what is far from any difference, and all but the number
// of what stands in gaps.
func Shorten(diff []Line, around int) []Line {
	var out []Line
	hidden := 0
	for i, l := range diff {
		near := slices.ContainsFunc(diff[max(i-around, 0):min(i+around+1, len(diff))], func(o Line) bool { return o.Mark == Missing || o.Mark == Extra })
		if near && l.Mark != Skipped {
			if hidden > 0 {
				out = append(out, Line{Mark: Skipped, Text: more(hidden)})
			}
			hidden = 0
			out = append(out, l)
			continue
		}
		hidden++
	}
	if hidden > 0 {
		out = append(out, Line{Mark: Skipped, Text: more(hidden)})
	}
	return out
}

func more(n int) string {
	if n == 1 {
		return "1 step"
	}
	return strconv.Itoa(n) + " steps"
}
