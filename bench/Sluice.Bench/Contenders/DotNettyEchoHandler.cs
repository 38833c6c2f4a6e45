using DotNetty.Transport.Channels;

namespace Sluice.Bench.Contenders;

/// <summary>Echoes messages, and flushes once per read.</summary>
internal sealed class DotNettyEchoHandler : ChannelHandlerAdapter
{
    public override void ChannelRead(IChannelHandlerContext context, object message) =>
        context.WriteAsync(message is string line ? line + "\r\n" : message);

    public override void ChannelReadComplete(IChannelHandlerContext context) => context.Flush();

    public override void ExceptionCaught(IChannelHandlerContext context, Exception exception) => context.CloseAsync();
}
