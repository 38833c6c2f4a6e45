// An echo server on Netty's NIO transport. Usage: NettyEcho [--lines]

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.codec.string.StringEncoder;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

public final class NettyEcho {
    private static final int LONGEST_LINE = 65536;

    public static void main(String[] arguments) throws InterruptedException {
        boolean lines = arguments.length > 0 && arguments[0].equals("--lines");
        Channel channel = new ServerBootstrap()
            .group(new NioEventLoopGroup(1), new NioEventLoopGroup(Runtime.getRuntime().availableProcessors()))
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, 511)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(new ChannelInitializer<SocketChannel>() {
                @Override
                protected void initChannel(SocketChannel accepted) {
                    if (lines) {
                        accepted.pipeline().addLast(
                            new LineBasedFrameDecoder(LONGEST_LINE),
                            new StringDecoder(StandardCharsets.UTF_8),
                            new StringEncoder(StandardCharsets.UTF_8));
                    }

                    accepted.pipeline().addLast(new Echo());
                }
            })
            .bind("127.0.0.1", 0).sync().channel();
        System.out.println(((InetSocketAddress) channel.localAddress()).getPort());
        channel.closeFuture().sync();
    }

    // Flushes once per read.
    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.write(message instanceof String ? message + "\r\n" : message, context.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
