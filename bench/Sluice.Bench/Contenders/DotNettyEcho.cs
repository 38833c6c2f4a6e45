using System.Net;
using System.Text;
using DotNetty.Codecs;
using DotNetty.Transport.Bootstrapping;
using DotNetty.Transport.Channels;
using DotNetty.Transport.Channels.Sockets;

namespace Sluice.Bench.Contenders;

/// <summary>A DotNetty server, written like its examples.</summary>
internal static class DotNettyEcho
{
    private const int Backlog = 511;
    private const int LongestLine = 64 * 1024;

    public static async Task RunAsync(ServerMode mode, Action<int> listening)
    {
        ServerBootstrap bootstrap = new ServerBootstrap()
            .Group(new MultithreadEventLoopGroup(1), new MultithreadEventLoopGroup(Environment.ProcessorCount))
            .Channel<TcpServerSocketChannel>()
            .Option(ChannelOption.SoBacklog, Backlog)
            .ChildOption(ChannelOption.TcpNodelay, true)
            .ChildHandler(new ActionChannelInitializer<ISocketChannel>(channel =>
            {
                if (mode == ServerMode.Lines)
                {
                    channel.Pipeline.AddLast(new LineBasedFrameDecoder(LongestLine), new StringDecoder(Encoding.UTF8), new StringEncoder(Encoding.UTF8));
                }

                channel.Pipeline.AddLast(new DotNettyEchoHandler());
            }));
        IChannel listener = await bootstrap.BindAsync(IPAddress.Loopback, 0);
        listening(((IPEndPoint)listener.LocalAddress).Port);
        await listener.CloseCompletion;
    }
}
