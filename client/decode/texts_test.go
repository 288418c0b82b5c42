package decode_test

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"

	"gantry/client/decode"
	"gantry/client/message"
)

// TestTextsAreTexts: a text in a charset of China or Europe is never surely something else.
func TestTextsAreTexts(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(14, 14))
	pieces := strings.Split("订单 支付成功 联通 的 了 張 萬 數量 號 仭 丂 id name {\"a\":1} 17 , : \n é ü straße naïve", " ")
	coders := map[string]encoding.Encoding{
		"GBK": simplifiedchinese.GBK, "Big5": traditionalchinese.Big5, "Latin": charmap.Windows1252,
		"UTF-16": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
	}
	for range 30_000 {
		var text strings.Builder
		for range 1 + random.IntN(12) {
			if random.IntN(3) == 0 {
				text.WriteRune(rune(0x4E00 + random.IntN(0x5000)))
				continue
			}
			text.WriteString(pieces[random.IntN(len(pieces))])
		}
		for name, c := range coders {
			b, err := c.NewEncoder().Bytes([]byte(text.String()))
			if err != nil || len(b) == 0 {
				continue
			}
			found := message.DetectCharset(b)
			for _, g := range decode.Guesses(context.Background(), b, found != "" && found != message.UTF8) {
				if g.Sure {
					t.Errorf("%q in %s is taken for %s", text.String(), name, g.Kind)
				}
			}
		}
	}
}
