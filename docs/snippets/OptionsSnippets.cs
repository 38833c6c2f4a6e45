namespace Sluice.Snippets;

public static class OptionsSnippets
{
    public static async Task OptionsAsync(SelectorManager selector, string host, int port, CancellationToken token)
    {
        // <options-before>
        await using StreamSocket socket = await selector.Tcp().ConnectAsync(host, port, options =>
        {
            options.NoDelay = true;                                     // the default
            options.KeepAlive = true;
            options.KeepAliveTime = TimeSpan.FromMinutes(1);            // then a probe each KeepAliveInterval, KeepAliveCount times
            options.UserTimeout = TimeSpan.FromSeconds(30);             // sent and not acknowledged: given up
            options.CongestionControl = "bbr";
            options.SocketTimeout = TimeSpan.FromMinutes(2);            // the peer is silent
        }, token);

        await using ServerSocket server = await selector.Tcp().BindAsync("::", 7000, options =>
        {
            options.Backlog = 1024;
            options.IPv6Only = true;
            options.FastOpenQueue = 256;
            options.DeferAccept = TimeSpan.FromSeconds(5);              // accepted when the client has spoken
            options.Accepted.KeepAlive = true;                          // what each accepted connection gets
        }, token);
        // </options-before>

        // <options-live>
        socket.Options.QuickAck = true;
        socket.Options.SendBufferSize = 1 << 20;
        int granted = socket.Options.SendBufferSize;                    // the system may grant less

        byte[] value = new byte[4];
        socket.Options.GetRaw(level: 6, name: 2, value);                // TCP_MAXSEG, by its numbers on Linux
        // </options-live>
        Console.WriteLine(granted);

        // <tcp-info>
        TcpInfo info = socket.GetTcpInfo();
        Console.WriteLine($"{info.RoundTripTime}, {info.CongestionWindow} segments, {info.TotalRetransmits} sent again");
        // </tcp-info>

        // <half-close>
        await socket.ShutdownOutputAsync(token);                        // FIN: the peer's reads come to their end, ours go on
        socket.ShutdownInput();                                         // our reads come to their end, writes go on
        socket.Abort();                                                 // RST: both at once
        // </half-close>
    }
}
