package send

import (
	"bytes"
	"strings"
	"testing"

	"gantry/client/message"
	"gantry/client/outbox/template"
	"gantry/client/profile"
	"gantry/gui/stage"
	"gantry/gui/theme"
)

// how picks a way to type the body in its menu.
func (s *rig) how(label string) {
	s.t.Helper()
	for _, item := range s.screen.body.howMenu().Items {
		if item.Label == label {
			item.Action()
			return
		}
	}
	s.t.Fatalf("the menu has no %q", label)
}

// typed waits until the body is typed so.
func (s *rig) typed(how message.Typed, text string) {
	s.t.Helper()
	b := s.screen.body
	s.Until(s.t, "the body as "+howWords(how), func() bool { return b.how == how && string(b.bytes()) == text })
}

// TestTypedOtherwise: the same bytes from one way to type to the next, and as they are
// where none is.
func TestTypedOtherwise(t *testing.T) {
	s := newRig(t, func(s *rig) { s.form.Body = "中 {{seq}}" })
	b := s.screen.body
	s.how("Hex")
	s.typed(message.Typed{As: message.AsHex}, "e4 b8 ad 20 7b 7b 73 65 71 7d 7d")
	if s.screen.form.hasValues() || s.said[len(s.said)-1] != "Dynamic values are replaced in a text only." {
		t.Errorf("it says %q", s.said)
	}
	s.UntilText("11 B")
	s.how("Base64")
	s.typed(message.Typed{As: message.AsBase64}, "5LitIHt7c2VxfX0=")
	s.how("Text, GBK")
	s.Until(t, "the refusal", func() bool { return strings.Contains(s.said[len(s.said)-1], "no GBK text") })
	if b.how.As != message.AsBase64 || string(b.bytes()) != "5LitIHt7c2VxfX0=" {
		t.Errorf("it became %q as %+v", b.bytes(), b.how)
	}
	s.how("Text, UTF-8")
	s.typed(message.Typed{}, "中 {{seq}}")
	if !s.screen.form.hasValues() {
		t.Error("the values are lost")
	}
	s.how("Text, UTF-16BE") // the signs stay
	s.typed(message.Typed{Charset: message.UTF16BE}, "中 {{seq}}")
	s.UntilText("18 B")
	s.how("Hex")
	s.typed(message.Typed{As: message.AsHex}, "4e 2d 00 20 00 7b 00 7b 00 73 00 65 00 71 00 7d\n00 7d")
	b.editor.SetText("4e 2")
	s.UntilText("A byte in hex has two digits. Line 1, column 5")
	s.how("Base64")
	s.Until(t, "the refusal", func() bool { return strings.HasPrefix(s.said[len(s.said)-1], "It stays as it is") })
	if b.how.As != message.AsHex {
		t.Errorf("it is %+v", b.how)
	}
	s.screen.Primary()
	s.quiet(0)
}

// TestSentAsTyped: the bytes that leave, and how the history types them again.
func TestSentAsTyped(t *testing.T) {
	gz := func(s string) string { return string(message.Gzip([]byte(s))) }
	for name, c := range map[string]struct {
		how  message.Typed
		body string
		want string
		then string // in the form, from the history
	}{
		"gbk":    {message.Typed{Charset: message.GBK}, "订单 {{seq}}", "\xB6\xA9\xB5\xA5 1", "订单 1"},
		"utf-16": {message.Typed{Charset: message.UTF16LE}, "a{{seq}}", "a\x001\x00", "a1"},
		"hex":    {message.Typed{As: message.AsHex}, "00\n7b7b FF", "\x00{{\xFF", "00 7b 7b ff"},
		"base64": {message.Typed{As: message.AsBase64}, "AP8K", "\x00\xFF\n", "AP8K"},
		"gzip":   {message.Typed{Gzip: true}, "{{seq}}{{seq}}", gz("11"), "11"},
		"packed": {message.Typed{As: message.AsHex, Gzip: true}, "61", gz("a"), "61"},
		"as is":  {message.Typed{As: message.AsIs}, "text {{seq}}", "text {{seq}}", "text {{seq}}"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newRig(t, func(s *rig) { s.form.Body, s.form.How = c.body, c.how })
			s.screen.Primary()
			s.done(1)
			d := s.cluster.drafts()[0]
			if string(d.Body) != c.want || d.How != c.how {
				t.Fatalf("%q as %+v was sent", d.Body, d.How)
			}
			s.listed(1)
			s.screen.form.fill(profile.SendForm{Topic: "other"})
			s.screen.edit(s.screen.sent.look())
			s.Until(t, "the question", func() bool { return s.screen.asking || s.screen.form.how() == c.how })
			if s.screen.asking {
				s.Tap("Replace it")
			}
			how := c.how
			how.Gzip = false
			s.typed(how, c.then)
			if s.screen.form.how() != c.how || s.screen.form.values.Checked {
				t.Errorf("the form has %+v, values %v", s.screen.form.how(), s.screen.form.values.Checked)
			}
			s.screen.Primary()
			s.done(2)
			if again := s.cluster.drafts()[1]; !bytes.Equal(again.Body, d.Body) {
				t.Errorf("%q was sent again", again.Body)
			}
		})
	}
}

// TestNotInTheCharset: what cannot be encoded stands at its place, and nothing leaves; also
// where a value brings it.
func TestNotInTheCharset(t *testing.T) {
	s := newRig(t, func(s *rig) {
		s.form.Body, s.form.How = "a\n中😀{{seq}}", message.Typed{Charset: message.GBK}
		s.profile.Env = map[string]string{"who": "😀"}
	})
	b := s.screen.body
	s.UntilText("“😀” is not in GBK. Line 2, column 2")
	s.screen.Primary()
	if cursor(b) != [2]int{2, 2} || !s.Has("“😀” is not in GBK. Line 2, column 2") {
		t.Errorf("the cursor is at %v:\n%s", cursor(b), stage.Texts(s.Window))
	}
	s.quiet(0)
	b.editor.SetText(`中 {{env "who"}}`)
	s.UntilText("16 B")
	s.screen.Primary()
	s.UntilText("“😀” is not in GBK. · 17 B")
	s.quiet(0)
	s.screen.form.repeat.fold(true)
	b.setStatus(0, theme.Muted, "")
	s.screen.Primary() // a run, whose preview makes the first
	s.UntilText("“😀” is not in GBK. · 17 B")
	if len(s.cluster.begins()) > 0 || s.screen.asking {
		t.Error("it began")
	}
}

// TestFileAsItIs: a text too, with what tells it from others.
func TestFileAsItIs(t *testing.T) {
	s := newRig(t, nil)
	b := s.screen.body
	f := &file{Reader: strings.NewReader("{\"a\": \"{{seq}}\"}\r\n")}
	b.read(f, "a.json", true)
	s.UntilText("CRC-32 5DC399FE")
	for _, want := range []string{"18 B from file a.json", "Dynamic values in it are not replaced.", "As it is"} {
		if !s.Has(want) {
			t.Errorf("%q is not shown:\n%s", want, stage.Texts(s.Window))
		}
	}
	s.screen.Primary()
	s.done(1)
	if d := s.cluster.drafts()[0]; string(d.Body) != "{\"a\": \"{{seq}}\"}\r\n" || d.How.As != message.AsIs {
		t.Errorf("%q as %+v was sent", d.Body, d.How)
	}
	s.how("Base64")
	s.typed(message.Typed{As: message.AsBase64}, "eyJhIjogInt7c2VxfX0ifQ0K")
}

// TestTemplateKeepsHow: what was typed, and how.
func TestTemplateKeepsHow(t *testing.T) {
	s := newRig(t, func(s *rig) {
		s.form.Body, s.form.How = "订单 {{seq}}", message.Typed{Charset: message.GB18030, Gzip: true}
	})
	text := s.screen.text()
	file, err := template.Encode(text)
	if err != nil || !strings.Contains(string(file), "Charset: GB18030\n") || !strings.Contains(string(file), "订单 {{seq}}") {
		t.Fatalf("%v:\n%s", err, file)
	}
	back, err := template.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	s.screen.form.fill(profile.SendForm{})
	s.screen.takeTemplate(&template.Template{Text: back})
	if how := s.screen.form.how(); how != s.form.How || string(s.screen.body.bytes()) != "订单 {{seq}}" {
		t.Errorf("%q as %+v", s.screen.body.bytes(), how)
	}
	s.screen.Primary()
	s.done(1)
	if got := string(s.cluster.drafts()[0].Body); got != string(message.Gzip([]byte("\xB6\xA9\xB5\xA5 1"))) {
		t.Errorf("%q was sent", got)
	}
}

// TestAReceivedTextKeepsItsCharset: sent again it has the same bytes.
func TestAReceivedTextKeepsItsCharset(t *testing.T) {
	s := newRig(t, func(s *rig) { s.form = profile.SendForm{} })
	s.screen.Again(&message.Message{Topic: "orders", Body: []byte("\xB6\xA9\xB5\xA5")})
	s.typed(message.Typed{Charset: message.GBK}, "订单")
	s.screen.Primary()
	s.done(1)
	if got := string(s.cluster.drafts()[0].Body); got != "\xB6\xA9\xB5\xA5" {
		t.Errorf("%q was sent", got)
	}
}

// TestALargeBodyIsMadeBeside: with its values, and each press is a message.
func TestALargeBodyIsMadeBeside(t *testing.T) {
	s := newRig(t, func(s *rig) { s.form.Body = "{{seq}}" + strings.Repeat("中", besideFrom) })
	s.screen.Primary()
	s.screen.Primary()
	s.done(2)
	got := map[byte]bool{}
	for _, d := range s.cluster.drafts() {
		got[d.Body[0]] = true
	}
	if !got['1'] || !got['2'] {
		t.Errorf("%v", got)
	}
}
