// A Java responder for tests, started from source: java Reply.java name=value ...
//   ns=HOST:PORT topic=T group=G [count=N  end after N replies, 1] [timeout=SECONDS, 30] [ak=KEY sk=SECRET]
// Replies "reply to " and the body to each request, with the property "answers" of the body's length. Prints one JSON line a reply.
import com.alibaba.fastjson.JSON;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.*;
import java.util.concurrent.*;
import org.apache.rocketmq.acl.common.*;
import org.apache.rocketmq.client.consumer.*;
import org.apache.rocketmq.client.consumer.listener.*;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueAveragely;
import org.apache.rocketmq.client.producer.*;
import org.apache.rocketmq.client.utils.MessageUtil;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.*;
import org.apache.rocketmq.remoting.RPCHook;

public class Reply {
    public static void main(String[] args) throws Exception {
        PrintStream out = System.out;
        System.setOut(System.err); // the 5.x client prints its logging set-up
        Map<String, String> o = new HashMap<>();
        for (String a : args) o.put(a.substring(0, a.indexOf('=')), a.substring(a.indexOf('=') + 1));
        RPCHook hook = o.containsKey("ak") ? new AclClientRPCHook(new SessionCredentials(o.get("ak"), o.get("sk"))) : null;
        DefaultMQProducer p = new DefaultMQProducer(o.get("group") + "-p", hook);
        p.setNamesrvAddr(o.get("ns"));
        p.setInstanceName(UUID.randomUUID().toString());
        p.setMqClientApiTimeout(10000); // a busy machine answers late
        p.start();
        DefaultMQPushConsumer c = new DefaultMQPushConsumer(o.get("group"), hook, new AllocateMessageQueueAveragely());
        c.setNamesrvAddr(o.get("ns"));
        c.setMqClientApiTimeout(10000);
        c.setInstanceName(UUID.randomUUID().toString());
        c.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        c.subscribe(o.get("topic"), "*");
        CountDownLatch left = new CountDownLatch(Integer.parseInt(o.getOrDefault("count", "1")));
        c.registerMessageListener((MessageListenerConcurrently) (ms, ctx) -> {
            for (MessageExt m : ms) {
                Map<String, Object> j = new LinkedHashMap<>();
                j.put("to", MessageUtil.getReplyToClient(m));
                try {
                    Message reply = MessageUtil.createReplyMessage(m, ("reply to " + new String(m.getBody(), StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8));
                    reply.putUserProperty("answers", "" + m.getBody().length);
                    j.put("status", p.send(reply, 20000).getSendStatus().name());
                } catch (Exception e) {
                    j.put("error", e.getClass().getSimpleName() + ": " + e.getMessage());
                }
                synchronized (out) { out.println(JSON.toJSONString(j)); }
                left.countDown();
            }
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        c.start();
        boolean all = left.await(Integer.parseInt(o.getOrDefault("timeout", "30")), TimeUnit.SECONDS);
        c.shutdown();
        p.shutdown();
        out.flush();
        System.exit(all ? 0 : 1);
    }
}
