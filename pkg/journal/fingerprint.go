package journal

import (
	"encoding/base32"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Fingerprint is a checkpoint as people read it to each other over a telephone
// or write it on paper: how many lines a journal had, and the first 80 bits of
// the root of the tree over them. Who has one can tell those lines from any
// others, and lines before its last from none. The zero value is of no journal.
type Fingerprint struct {
	Size int64
	root [10]byte
}

// digits leave out those that are taken for others: 0 and O, 1 and I.
var digits = base32.NewEncoding("23456789ABCDEFGHJKLMNPQRSTUVWXYZ")

// String is the code, "#37 M4QZ-77PD-KX2B-ELTA".
func (f Fingerprint) String() string {
	code := digits.EncodeToString(f.root[:])
	return fmt.Sprintf("#%d %s-%s-%s-%s", f.Size, code[:4], code[4:8], code[8:12], code[12:])
}

// Words are the root in ten words, one for each byte.
func (f Fingerprint) Words() string {
	all, out := strings.Fields(words), make([]string, len(f.root))
	for i, b := range f.root {
		out[i] = all[b]
	}
	return strings.Join(out, " ")
}

// ParseFingerprint reads a fingerprint as somebody noted it down: the number and
// the code or the words, in either case, with or without the signs between.
func ParseFingerprint(text string) (Fingerprint, error) {
	unread := fmt.Errorf("%q is not a fingerprint; it has a number from 1 and a code or ten words, as in %q", shortened(text), "#37 M4QZ-77PD-KX2B-ELTA")
	rest := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(text), "#"))
	code := strings.TrimLeft(rest, "0123456789")
	size, err := strconv.ParseInt(rest[:len(rest)-len(code)], 10, 64)
	parts := strings.FieldsFunc(code, between)
	if err != nil || rest[0] == '0' || len(parts) == 0 || !between(rune(code[0])) {
		return Fingerprint{}, unread
	}
	f := Fingerprint{Size: size}
	var root []byte
	all := strings.Fields(words)
	for _, word := range parts {
		if i := slices.Index(all, strings.ToLower(word)); i >= 0 {
			root = append(root, byte(i))
		}
	}
	if len(root) != len(parts) {
		root, err = digits.DecodeString(strings.ToUpper(strings.Join(parts, "")))
	}
	if err != nil || len(root) != len(f.root) {
		return Fingerprint{}, unread
	}
	copy(f.root[:], root)
	return f, nil
}

// between are the signs that may stand between the parts of a fingerprint.
func between(r rune) bool { return strings.ContainsRune(" \t#-,.:", r) }

// words stand for the bytes 0 to 255. No two begin with the same three letters,
// and each differs from every other in three letters or more.
const words = `
	acid actor agent alarm amber angle april arch arrow aspen atlas attic
	bacon badge baker banana basil berry bishop bottle bronze bucket buffalo butter
	cabin camel canoe cedar cello chalk coffee copper cotton cousin crayon cycle
	daisy dancer delta denim desert diamond dolphin domino donkey drum dungeon dynamo
	echo eclipse elbow emerald empire engine envelope epic errand escort estate evening
	fable fathom fern fiddle finger flute folder forest fossil freckle friday funnel
	galaxy garlic geyser giant giraffe glacier goblin gondola gorilla granite guitar gypsum
	harbor helium hermit hexagon hickory hippo hornet hotel hubcap humid hurdle hydrant
	iceberg igloo indigo inkwell insect iris island ivory jaguar jasmine jester jewel
	jigsaw jogger jubilee juniper jury kayak kernel ketchup keyhole kilo kimono kingdom
	kitchen knuckle koala ladder lagoon lasso legend lemon lilac linen lizard locker
	lotus lunar lyric magnet mango meadow mercury meteor mirror mitten monsoon morning
	mosaic muffin museum napkin navy nectar needle nephew nest nickel november nugget
	nutmeg nylon ocean olive omelet onion opera orange orbit orchid oregano osprey
	oval oxygen panda pencil pickle pigeon pillow pirate polka poncho poppy potato
	puppet puzzle quarry queen quilt rabbit raccoon radish raft raisin raven razor
	recipe ribbon rodeo rosemary rumble runway sailor salad saturn scarf school silver
	sofa sonata spider sponge squid stereo syrup tadpole teapot temple tennis thimble
	thunder topaz tornado trumpet tulip tundra turban twig umbrella unicorn usher utensil
	vacuum valley velvet vendor vessel viking village violin visitor vitamin volcano voyage
	vulture waffle walnut wedding whisper window wombat wrench yacht yogurt zebra zenith
	zeppelin zigzag zinc zodiac
`
