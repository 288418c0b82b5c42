package message

import (
	"encoding/json"

	"github.com/tidwall/gjson"
)

// read takes the fields of a draft from their JSON. Those of a message that lay somewhere are
// a few texts, which are read without reflection: a run of many spends a tenth of its processor
// time on them otherwise.
func (d *Draft) read(head string) error {
	if gjson.Valid(head) && d.readTexts(gjson.Parse(head)) {
		return nil
	}
	*d = Draft{}
	return json.Unmarshal([]byte(head), d)
}

// readTexts reads a draft that has only these fields; false says that it has others.
func (d *Draft) readTexts(head gjson.Result) bool {
	if !head.IsObject() {
		return false
	}
	plain := true
	head.ForEach(func(name, v gjson.Result) bool {
		switch name.Str {
		case "producerGroup":
			plain = readText(&d.ProducerGroup, v)
		case "topic":
			plain = readText(&d.Topic, v)
		case "tag":
			plain = readText(&d.Tag, v)
		case "shardingKey":
			plain = readText(&d.ShardingKey, v)
		case "id":
			plain = readText(&d.ID, v)
		case "keys":
			plain = readEach(v, func(v gjson.Result) bool {
				d.Keys = append(d.Keys, v.Str)
				return v.Type == gjson.String
			})
		case "properties":
			plain = readProperties(&d.Properties, v)
		case "system":
			plain = readProperties(&d.System, v)
		case "packed":
			d.Packed, plain = v.Bool(), v.IsBool()
		default:
			plain = false
		}
		return plain
	})
	return plain
}

func readText(to *string, v gjson.Result) bool {
	*to = v.Str
	return v.Type == gjson.String
}

// readEach reads a list; false says that it is none, or that do did not know one of it.
func readEach(v gjson.Result, do func(gjson.Result) bool) bool {
	all := v.IsArray()
	if all {
		v.ForEach(func(_, x gjson.Result) bool {
			all = do(x)
			return all
		})
	}
	return all
}

func readProperties(to *[]Property, v gjson.Result) bool {
	return readEach(v, func(x gjson.Result) bool {
		var p Property
		both := x.IsObject()
		if both {
			x.ForEach(func(name, v gjson.Result) bool {
				switch name.Str {
				case "Name":
					both = readText(&p.Name, v)
				case "Value":
					both = readText(&p.Value, v)
				default:
					both = false
				}
				return both
			})
		}
		*to = append(*to, p)
		return both
	})
}
