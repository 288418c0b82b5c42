package fault

import (
	"fmt"
	"strconv"
	"strings"
)

// maxRemark bounds what Error prints of a remark, in bytes; Java servers send
// stack traces.
const maxRemark = 300

// Answer is an answer of a server that is not success.
type Answer struct {
	// Code is a number of ResponseCode.java.
	Code int `json:"code"`
	// Remark is the server's text, 16 KiB of it at most. Credentials of the connection that
	// the server repeats in it (ACL 1.0 names the access key, which is the token
	// in TDMQ's mapping) stand as ***.
	Remark string `json:"remark,omitempty"`
	// Addr is the server that answered, host:port, or words for one where that is not
	// known; Version the MQVersion ordinal that it claims, 0 where it claims none.
	Addr    string `json:"addr,omitempty"`
	Version int    `json:"version,omitempty"`
}

// Answered is an answer whose remark, which may be of any size, is bounded: it goes into logs,
// over pipes and into files.
func Answered(code int, remark, addr string, version int) *Answer {
	return &Answer{Code: code, Remark: carried(remark), Addr: addr, Version: version}
}

// Error names the server, the code and the first line of the remark.
func (a *Answer) Error() string {
	if line := a.Line(); line != "" {
		return fmt.Sprintf("%s answered %s: %s", a.Addr, codeName(a.Code), line)
	}
	return fmt.Sprintf("%s answered %s", a.Addr, codeName(a.Code))
}

// codeName is the Java name of a response code (ResponseCode.java,
// RemotingSysResponseCode.java), or the number where this program has no use for it.
func codeName(code int) string {
	names := map[int]string{
		0: "SUCCESS", 1: "SYSTEM_ERROR", 2: "SYSTEM_BUSY", 3: "REQUEST_CODE_NOT_SUPPORTED",
		13: "MESSAGE_ILLEGAL", 16: "NO_PERMISSION", 17: "TOPIC_NOT_EXIST", 19: "PULL_NOT_FOUND",
		20: "PULL_RETRY_IMMEDIATELY", 21: "PULL_OFFSET_MOVED", 22: "QUERY_NOT_FOUND",
		23: "SUBSCRIPTION_PARSE_FAILED", 24: "SUBSCRIPTION_NOT_EXIST", 26: "SUBSCRIPTION_GROUP_NOT_EXIST",
		29: "INVALID_PARAMETER", 206: "CONSUMER_NOT_ONLINE", 215: "FLOW_CONTROL",
	}
	if name := names[code]; name != "" {
		return name
	}
	return "code " + strconv.Itoa(code)
}

// Line is the first line of the remark, 300 bytes at most.
func (a *Answer) Line() string {
	line, _, _ := strings.Cut(strings.TrimSpace(a.Remark), "\n")
	return Cut(line, maxRemark)
}
