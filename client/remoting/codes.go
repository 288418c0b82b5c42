package remoting

// Request codes (RequestCode.java).
const (
	SendMessage             = 10
	PullMessage             = 11
	QueryMessage            = 12
	QueryConsumerOffset     = 14
	UpdateConsumerOffset    = 15
	CreateTopic             = 17
	AllTopicConfig          = 21
	BrokerConfig            = 26
	BrokerRuntimeInfo       = 28
	SearchOffsetByTime      = 29
	MaxOffset               = 30
	MinOffset               = 31
	EarliestStoreTime       = 32
	ViewMessageByID         = 33
	HeartBeat               = 34
	UnregisterClient        = 35
	ConsumerSendMsgBack     = 36
	EndTransaction          = 37
	ConsumerListByGroup     = 38
	CheckTransactionState   = 39
	NotifyConsumersChanged  = 40
	LockBatchMQ             = 41
	UnlockBatchMQ           = 42
	CheckClientConfig       = 46
	RouteByTopic            = 105
	ClusterInfo             = 106
	CreateGroup             = 200
	AllGroups               = 201
	TopicStats              = 202
	ConsumerConnections     = 203
	ProducerConnections     = 204
	AllTopics               = 206
	DeleteGroup             = 207
	ConsumeStats            = 208
	DeleteTopicInBroker     = 215
	DeleteTopicInNameServer = 216
	StatusFromClient        = 221
	ResetOffset             = 222
	ConsumerStatus          = 223
	TopicsOfCluster         = 224
	TopicConsumers          = 300
	SystemTopics            = 304
	BrokerSystemTopics      = 305
	ConsumerRunningInfo     = 307
	ConsumeDirectly         = 309
	SendMessageV2           = 310
	ViewBrokerStats         = 315
	NameServerConfig        = 319
	SendBatchMessage        = 320
	QueryConsumeQueue       = 321
	SendReply               = 324
	SendReplyV2             = 325
	PushReply               = 326
	AllProducers            = 328
	TopicConfig             = 351
	GroupConfig             = 352
	LitePullMessage         = 361
	AccountFiles            = 52
	AuthCreateUser          = 3001
	AuthUpdateUser          = 3002
	AuthDeleteUser          = 3003
	AuthListUsers           = 3005
	AuthCreateACL           = 3006
	AuthUpdateACL           = 3007
	AuthDeleteACL           = 3008
	AuthListACLs            = 3010
)

// Response codes (ResponseCode.java, RemotingSysResponseCode.java).
const (
	Success                 = 0
	SystemError             = 1
	SystemBusy              = 2
	RequestCodeNotSupported = 3
	FlushDiskTimeout        = 10
	SlaveNotAvailable       = 11
	FlushSlaveTimeout       = 12
	MessageIllegal          = 13
	ServiceNotAvailable     = 14
	NoPermission            = 16
	TopicNotExist           = 17
	PullNotFound            = 19
	PullRetryImmediately    = 20
	PullOffsetMoved         = 21
	QueryNotFound           = 22
	SubscriptionParseFailed = 23
	SubscriptionNotExist    = 24
	SubscriptionNotLatest   = 25
	GroupNotExist           = 26
	InvalidParameter        = 29
	ConsumerNotOnline       = 206
	ConsumeTimeout          = 207
	FlowControl             = 215
)
