package mono

import (
	"strings"
	"testing"
)

func kinds(s string) string {
	var b strings.Builder
	for _, p := range Pieces(s) {
		b.WriteString("PKSNLM"[p.Kind:p.Kind+1] + "<" + s[p.Start:p.End] + ">")
	}
	return b.String()
}

func TestPieces(t *testing.T) {
	for in, want := range map[string]string{
		``:                       ``,
		`{"a": 1}`:               `M<{>K<"a">M<:>P< >N<1>M<}>`,
		`["a\"b",true,nul]`:      `M<[>S<"a\"b">M<,>L<true>M<,>P<nul>M<]>`,
		`90071992547409931234`:   `N<90071992547409931234>`,
		`{"k" : -1.5e+10}`:       `M<{>K<"k">P< >M<:>P< >N<-1.5e+10>M<}>`,
		"\"open\n1":              "S<\"open>P<\n>N<1>",
		`{"名": "李婷"}`:            `M<{>K<"名">M<:>P< >S<"李婷">M<}>`,
		"plain text, really\xff": "P<plain text>M<,>P< really\xff>",
		`"\`:                     `S<"\>`,
	} {
		if got := kinds(in); got != want {
			t.Errorf("Pieces(%q)\n got %s\nwant %s", in, got, want)
		}
	}
}

func FuzzPieces(f *testing.F) {
	for _, s := range []string{`{"a":[1,2,{"b":null}],"c":"\u00e9"}`, "\"\\", "-", "\"a\nb\"", "{{seq}}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		at := 0
		for _, p := range Pieces(s) {
			if p.Start != at || p.End <= p.Start || p.End > len(s) {
				t.Fatalf("piece %+v at %d of %q", p, at, s)
			}
			at = p.End
		}
		if at != len(s) {
			t.Fatalf("pieces end at %d of %d", at, len(s))
		}
	})
}

// FuzzPiecesOfAPart: cut anywhere, a line is coloured as it is whole, but for the string
// that a cut went through.
func FuzzPiecesOfAPart(f *testing.F) {
	f.Add(`{"a":[1,2,{"b":"c\"d"}]}`, 7)
	f.Fuzz(func(t *testing.T, s string, cut int) {
		s = strings.ReplaceAll(s, "\n", " ")
		if cut < 0 || cut > len(s) {
			return
		}
		state := Outside
		for i := range cut {
			state = state.Next(s[i])
		}
		whole, at := Pieces(s), cut
		for _, p := range PiecesFrom(s[cut:], state) {
			if p.Start+cut != at {
				t.Fatalf("%q: a piece at %d, want %d", s, p.Start+cut, at)
			}
			at = p.End + cut
			for _, w := range whole {
				inString := w.Kind == String || w.Kind == Key
				if w.Start < p.Start+cut && p.Start+cut < w.End && inString != (p.Kind == String || p.Kind == Key) && inString {
					t.Fatalf("%q cut at %d: %v is inside %v", s, cut, p, w)
				}
			}
		}
		if at != len(s) {
			t.Fatalf("%q ends at %d", s, at)
		}
	})
}
