package shape

import (
	"fmt"
	"testing"

	"gantry/client/message"
)

// BenchmarkAdd looks at bodies of some 600 bytes of JSON.
func BenchmarkAdd(b *testing.B) {
	body := []byte(`{"order":{"id":"order-0000777","amount":12.5,"buyer":{"name":"李婷","phone":"13800000000"}},"items":[`)
	for i := range 8 {
		body = fmt.Appendf(body, `{"sku":"sku-%d","qty":%d,"price":"1.00","gift":false},`, i, i)
	}
	body = append(body, `{}],"note":null}`...)
	m := &message.Message{Body: body, Properties: []message.Property{{Name: message.PropertyTags, Value: "paid"}, {Name: message.PropertyKeys, Value: "k"}}}
	b.SetBytes(int64(len(body)))
	var s Shape
	for b.Loop() {
		s.Add(m)
	}
}
