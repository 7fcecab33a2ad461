// Package suggest finds the word that somebody meant.
package suggest

import (
	"slices"
	"strings"
)

// Near returns the candidate that a word was probably meant to be, or ""
// if none is close: at most a third of its letters may differ, or all of them
// are there in another order.
func Near(word string, candidates []string) string {
	best, least := "", max(1, len(word)/3)+1
	for _, c := range candidates {
		w, known := strings.ToLower(word), strings.ToLower(c)
		d := distance(w, known, least)
		if d >= least && best == "" && shuffled(w, known) {
			d = least - 1
		}
		if d < least && c != word {
			best, least = c, d
		}
	}
	return best
}

// Nearest are the candidates in another order: the ones that are nearest to a word
// first.
func Nearest(word string, candidates []string) []string {
	const far = 1 << 10
	out := slices.Clone(candidates)
	word = strings.ToLower(word)
	slices.SortStableFunc(out, func(a, b string) int {
		return distance(word, strings.ToLower(a), far) - distance(word, strings.ToLower(b), far)
	})
	return out
}

// Only is [Near] where nothing else can have been meant: a word of three letters
// or more that is near to one candidate and to no other.
func Only(word string, candidates []string) string {
	near := Near(word, candidates)
	if near == "" || len(word) < 3 {
		return ""
	}
	for _, c := range candidates {
		if c != near && Near(word, []string{c}) != "" {
			return ""
		}
	}
	return near
}

// mostKeys is the most keys among which one is looked for that was meant twice.
const mostKeys = 64

// Key is [Only] for a key beside others, keys of the same mapping: "" also if
// the candidate is there already, or another key may have been meant to be it.
func Key(word string, candidates []string, keys []string) string {
	only := Only(word, candidates)
	if only == "" || len(keys) > mostKeys {
		return ""
	}
	for _, k := range keys {
		if k == only || k != word && Near(k, []string{only}) != "" {
			return ""
		}
	}
	return only
}

// DidYouMean asks whether the candidate was meant that [Near] finds, in words
// that follow an error; "" if it finds none.
func DidYouMean(word string, candidates []string) string {
	return Meant(Near(word, candidates))
}

// Meant asks whether near was meant; "" if it is "".
func Meant(near string) string {
	if near == "" {
		return ""
	}
	return "did you mean `" + near + "`?"
}

// Instead adds to the words of an error whether near was meant, if it is given.
func Instead(problem, near string) string {
	if near == "" {
		return problem
	}
	return problem + "; " + Meant(near)
}

// shuffled reports whether two words have the same letters.
func shuffled(a, b string) bool {
	if len(a) != len(b) || len(a) > 64 {
		return false
	}
	x, y := []byte(a), []byte(b)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

// distance counts the letters to insert, delete, replace or swap with a
// neighbour to get from a to b (optimal string alignment). It gives up at
// limit.
func distance(a, b string, limit int) int {
	x, y := []rune(a), []rune(b)
	if len(x) > 64 || len(y) > 64 || len(x)-len(y) >= limit || len(y)-len(x) >= limit {
		return limit
	}
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(x); i++ {
		before, last, row = last, row, before
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return min(row[len(y)], limit)
}
