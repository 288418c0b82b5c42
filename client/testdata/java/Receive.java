// A Java push consumer for tests, started from source: java Receive.java name=value ...
//   ns=HOST:PORT topic=T [group=G] [tag="A || B", *] [sql="a > 1"] [ordered=true] [broadcast=true] [from=first|last|yyyyMMddHHmmss local time, first]
//   [max=N  how often a message is sent back before it is given up, 16]
//   [refuse=N  answer RECONSUME_LATER to the first N messages, whenever they come]
//   [hang=BODY  never answer a message with that body]
//   [later=N  answer RECONSUME_LATER to the first N deliveries] [count=N  end after N answered with success] [timeout=SECONDS, 30]
//   trace=true    traces to RMQ_SYS_TRACE_TOPIC     wait=SECONDS  stays so long after count, 0
//   ak=KEY sk=SECRET     tls=FILE of tls.* settings
// Prints one JSON line a delivery ("started" goes to stderr). Exit status 1 if fewer than count came in time.
import com.alibaba.fastjson.JSON;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.acl.common.*;
import org.apache.rocketmq.client.consumer.*;
import org.apache.rocketmq.client.consumer.listener.*;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueAveragely;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.remoting.RPCHook;

public class Receive {
    public static void main(String[] args) throws Exception {
        PrintStream out = System.out;
        System.setOut(System.err); // the 5.x client prints its logging set-up
        Map<String, String> o = new HashMap<>();
        for (String a : args) o.put(a.substring(0, a.indexOf('=')), a.substring(a.indexOf('=') + 1));
        if (o.containsKey("tls")) {
            System.setProperty("tls.enable", "true");
            System.setProperty("tls.config.file", o.get("tls"));
        }
        RPCHook hook = o.containsKey("ak") ? new AclClientRPCHook(new SessionCredentials(o.get("ak"), o.get("sk"))) : null;
        DefaultMQPushConsumer c = new DefaultMQPushConsumer(o.getOrDefault("group", "java-receive"), hook, new AllocateMessageQueueAveragely(), o.containsKey("trace"), null);
        c.setNamesrvAddr(o.get("ns"));
        c.setMqClientApiTimeout(10000); // a busy machine answers late
        c.setInstanceName(UUID.randomUUID().toString());
        String from = o.getOrDefault("from", "first");
        c.setConsumeFromWhere(from.equals("first") ? ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET
            : from.equals("last") ? ConsumeFromWhere.CONSUME_FROM_LAST_OFFSET : ConsumeFromWhere.CONSUME_FROM_TIMESTAMP);
        if (Character.isDigit(from.charAt(0))) c.setConsumeTimestamp(from);
        if (o.containsKey("max")) c.setMaxReconsumeTimes(Integer.parseInt(o.get("max")));
        if (o.containsKey("broadcast")) // the enum's package differs between 4.9 and 5.x
            for (var model : c.getMessageModel().getDeclaringClass().getEnumConstants()) if (model.name().equals("BROADCASTING")) c.setMessageModel(model);
        if (o.containsKey("sql")) c.subscribe(o.get("topic"), MessageSelector.bySql(o.get("sql")));
        else c.subscribe(o.get("topic"), o.getOrDefault("tag", "*"));
        CountDownLatch left = new CountDownLatch(Integer.parseInt(o.getOrDefault("count", "1")));
        AtomicInteger later = new AtomicInteger(Integer.parseInt(o.getOrDefault("later", "0")));
        int refuse = Integer.parseInt(o.getOrDefault("refuse", "0"));
        Set<String> refused = Collections.synchronizedSet(new HashSet<>());
        java.util.function.Predicate<MessageExt> take = m -> {
            synchronized (refused) { if (refused.size() < refuse) refused.add(m.getMsgId()); }
            if (new String(m.getBody(), StandardCharsets.UTF_8).equals(o.get("hang"))) {
                System.err.println("hangs");
                try { Thread.sleep(Long.MAX_VALUE); } catch (InterruptedException e) { return false; }
            }
            boolean ok = !refused.contains(m.getMsgId()) && later.getAndDecrement() <= 0;
            Map<String, Object> j = new LinkedHashMap<>();
            j.put("topic", m.getTopic());
            j.put("tag", m.getTags());
            j.put("keys", m.getKeys());
            j.put("body", new String(m.getBody(), StandardCharsets.UTF_8));
            j.put("msgId", m.getMsgId());
            j.put("queue", m.getQueueId());
            j.put("queueOffset", m.getQueueOffset());
            j.put("reconsumeTimes", m.getReconsumeTimes());
            j.put("bornAt", m.getBornTimestamp());
            j.put("receivedAt", System.currentTimeMillis());
            j.put("answer", ok ? "success" : "later");
            j.put("properties", new TreeMap<>(m.getProperties()));
            synchronized (out) { out.println(JSON.toJSONString(j)); }
            if (ok) left.countDown();
            return ok;
        };
        if (o.containsKey("ordered")) c.registerMessageListener((MessageListenerOrderly) (ms, ctx) -> ms.stream().allMatch(take) ? ConsumeOrderlyStatus.SUCCESS : ConsumeOrderlyStatus.SUSPEND_CURRENT_QUEUE_A_MOMENT);
        else c.registerMessageListener((MessageListenerConcurrently) (ms, ctx) -> ms.stream().allMatch(take) ? ConsumeConcurrentlyStatus.CONSUME_SUCCESS : ConsumeConcurrentlyStatus.RECONSUME_LATER);
        c.start();
        System.err.println("started");
        boolean all = left.await(Integer.parseInt(o.getOrDefault("timeout", "30")), TimeUnit.SECONDS);
        Thread.sleep(1000L * Integer.parseInt(o.getOrDefault("wait", "0")));
        c.shutdown();
        out.flush();
        System.exit(all ? 0 : 1);
    }
}
